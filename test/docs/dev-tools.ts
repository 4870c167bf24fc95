import type { ChildProcess } from "node:child_process";
import type { Readable, Writable } from "node:stream";

/** What a page sends by itself: `Page.loadEventFired` and the like. */
export interface DevToolsEvent {
  method: string;
  params: Record<string, unknown>;
  sessionId?: string;
}

/** The browser's DevTools protocol (chromedevtools.github.io/devtools-protocol), as far as the checks need it. */
export interface DevTools {
  /** @throws Error with the browser's answer, or after 60 s, or with its last words when it is gone */
  send(method: string, params?: object, sessionId?: string): Promise<Record<string, unknown>>;
  /** Calls until the function that is returned is called. */
  listen(to: (event: DevToolsEvent) => void): () => void;
}

interface Pending {
  resolve: (result: Record<string, unknown>) => void;
  reject: (error: Error) => void;
}

interface Message extends Partial<DevToolsEvent> {
  id?: number;
  result?: Record<string, unknown>;
  error?: { message: string };
}

const mostSeconds = 60;

/** Talks to a browser that was started with `--remote-debugging-pipe`: JSON, each message ended by a NUL. */
export function devTools(child: ChildProcess): DevTools {
  const [, , errors, input, output] = child.stdio as unknown as [null, null, Readable, Writable, Readable];
  const pending = new Map<number, Pending>();
  const listeners = new Set<(event: DevToolsEvent) => void>();
  let lastWords = "";
  let rest = "";
  let count = 0;
  let gone: Error | undefined;

  const fail = (error: Error): void => {
    gone ??= error;
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
  };
  const take = (text: string): void => {
    const message = JSON.parse(text) as Message;
    if (message.id === undefined) {
      for (const listener of [...listeners]) listener(message as DevToolsEvent);
      return;
    }
    const waiting = pending.get(message.id);
    pending.delete(message.id);
    if (message.error) waiting?.reject(new Error(message.error.message));
    else waiting?.resolve(message.result ?? {});
  };

  errors.setEncoding("utf8").on("data", (chunk: string) => {
    lastWords = (lastWords + chunk).slice(-4000);
  });
  output.setEncoding("utf8").on("data", (chunk: string) => {
    const messages = (rest + chunk).split("\0");
    rest = messages.pop() ?? "";
    for (const message of messages) take(message);
  });
  // Who is gone reads no more; `close` says so.
  input.on("error", () => {});
  child.on("error", fail);
  child.on("close", (status) => fail(new Error(`The browser ended with status ${status}\n${lastWords}`)));

  return {
    listen: (to) => {
      listeners.add(to);
      return () => void listeners.delete(to);
    },
    send: (method, params = {}, sessionId) =>
      new Promise((resolve, reject) => {
        if (gone) {
          reject(gone);
          return;
        }
        const id = ++count;
        const late = setTimeout(() => {
          pending.delete(id);
          reject(new Error(`The browser did not answer ${method} within ${mostSeconds} s\n${lastWords}`));
        }, mostSeconds * 1000);
        const done =
          <Value>(settle: (value: Value) => void) =>
          (value: Value) => {
            clearTimeout(late);
            settle(value);
          };
        pending.set(id, { resolve: done(resolve), reject: done(reject) });
        input.write(`${JSON.stringify({ id, method, params, ...(sessionId ? { sessionId } : {}) })}\0`);
      }),
  };
}
