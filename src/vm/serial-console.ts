import { createWriteStream } from "node:fs";
import type { Duplex } from "node:stream";
import { splitLines } from "./lines.ts";

export interface SerialConsole {
  /** What the guest wrote so far, terminal control included; the last 4 MiB. */
  text(): string;
  /** Types into the console. */
  write(data: string | Uint8Array): void;
  /** Calls back with each chunk of bytes from now on. The result ends that. */
  listen(onData: (chunk: Uint8Array) => void): () => void;
}

const kept = 4 * 1024 * 1024;

export function openSerialConsole(
  stream: Duplex,
  options: { log?: string | undefined; onLine?: ((line: string) => void) | undefined } = {},
): SerialConsole & { closed: Promise<void> } {
  const listeners = new Set<(chunk: Uint8Array) => void>();
  const log = options.log === undefined ? undefined : createWriteStream(options.log);
  // A log that can't be written must not end the VM; the text is still kept here.
  log?.on("error", () => {});
  const toLines = options.onLine && splitLines(options.onLine);
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    size += chunk.length;
    while (size - (chunks[0]?.length ?? 0) > kept) size -= chunks.shift()?.length ?? 0;
    log?.write(chunk);
    toLines?.(chunk);
    for (const listener of listeners) listener(chunk);
  });
  const closed = new Promise<void>((resolve) => {
    stream.on("close", () => (log ? log.end(() => resolve()) : resolve()));
    log?.on("error", () => resolve());
  });
  return {
    text: () => Buffer.concat(chunks).toString("utf8"),
    write: (data) => void stream.write(data),
    listen(onData) {
      listeners.add(onData);
      return () => void listeners.delete(onData);
    },
    closed,
  };
}
