import { realpathSync } from "node:fs";
import { createConnection, createServer, type Socket } from "node:net";
import { type Emit, isSystemError, sha256 } from "../base/mod.ts";

/**
 * One build at a time on a machine and cache folder: two at once would only fight for the cores. The lock is an abstract
 * Unix socket, so the kernel frees it whatever happens to its holder. (The store itself needs no lock.)
 */
export async function takeBuildLock(cacheRoot: string, emit: Emit, signal?: AbortSignal): Promise<AsyncDisposable> {
  const name = `\0hadron-build-${sha256(realpathSync(cacheRoot)).slice(0, 32)}`;
  let isSaid = false;
  const say = (pid: string) => {
    if (!isSaid) emit({ type: "note", message: `Waiting for another build (process ${pid}) that uses ${cacheRoot}` });
    isSaid = true;
  };
  for (;;) {
    signal?.throwIfAborted();
    const lock = await tryToHold(name);
    if (lock) return lock;
    await waitForHolder(name, say, signal);
    // Not at once: a socket that is just being closed still takes its name.
    await new Promise((done) => setTimeout(done, 20));
  }
}

/** Listens on the name, tells whoever connects this process' number, and keeps the connection until the lock is given back. */
function tryToHold(name: string): Promise<AsyncDisposable | undefined> {
  return new Promise((done, failed) => {
    const waiting = new Set<Socket>();
    const server = createServer((socket) => {
      waiting.add(socket);
      socket.on("close", () => waiting.delete(socket));
      socket.on("error", () => {});
      socket.unref();
      socket.write(`${process.pid}\n`);
    });
    const release = (): Promise<void> =>
      new Promise((released) => {
        server.close(() => released());
        for (const socket of waiting) socket.destroy();
      });
    server.once("error", (error) => (isSystemError(error, "EADDRINUSE") ? done(undefined) : failed(error)));
    server.listen(name, () => {
      server.unref();
      done({ [Symbol.asyncDispose]: release });
    });
  });
}

/** Resolves when the holder has gone, or the signal was given. */
function waitForHolder(name: string, onPid: (pid: string) => void, signal?: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const socket = createConnection(name);
    const leave = () => socket.destroy();
    signal?.addEventListener("abort", leave);
    socket.on("data", (data) => onPid(data.toString().trim()));
    socket.on("error", () => {});
    socket.on("close", () => {
      signal?.removeEventListener("abort", leave);
      done();
    });
  });
}
