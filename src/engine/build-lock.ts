import { realpathSync } from "node:fs";
import { createConnection, createServer, type Server } from "node:net";
import { type Emit, isSystemError, sha256 } from "../base/mod.ts";

/**
 * One build at a time on a machine and cache folder: two at once would only fight for the cores. The lock is an abstract
 * Unix socket, so the kernel frees it whatever happens to its holder. (The store itself needs no lock.)
 */
export async function takeBuildLock(cacheRoot: string, emit: Emit, signal?: AbortSignal): Promise<AsyncDisposable> {
  const name = `\0hadron-build-${sha256(realpathSync(cacheRoot)).slice(0, 32)}`;
  let isWaiting = false;
  for (;;) {
    signal?.throwIfAborted();
    const server = await tryListen(name);
    if (server)
      return {
        [Symbol.asyncDispose]: () => new Promise<void>((done) => server.close(() => done())),
      };
    const holder = await waitForHolder(name, signal, (pid) => {
      if (!isWaiting)
        emit({ type: "note", message: `Waiting for another build (process ${pid}) that uses ${cacheRoot}` });
      isWaiting = true;
    });
    if (!holder) await new Promise((done) => setTimeout(done, 50));
  }
}

function tryListen(name: string): Promise<Server | undefined> {
  return new Promise((done, failed) => {
    const server = createServer((socket) => {
      // Whoever waits reads the holder's number and stays connected until the holder is gone.
      socket.on("error", () => {});
      socket.write(`${process.pid}\n`);
      server.once("close", () => socket.destroy());
      socket.unref();
    });
    const close = server.close.bind(server);
    const sockets = new Set<{ destroy(): void }>();
    server.on("connection", (socket) => {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
    });
    server.close = (callback) => {
      for (const socket of sockets) socket.destroy();
      return close(callback);
    };
    server.once("error", (error) => (isSystemError(error, "EADDRINUSE") ? done(undefined) : failed(error)));
    server.listen(name, () => {
      server.unref();
      done(server);
    });
  });
}

/** Resolves when the holder has gone; false where it was gone before we could ask. */
function waitForHolder(name: string, signal: AbortSignal | undefined, onPid: (pid: string) => void): Promise<boolean> {
  return new Promise((done) => {
    const socket = createConnection(name);
    let heard = false;
    socket.on("data", (data) => {
      heard = true;
      onPid(data.toString().trim());
    });
    socket.on("error", () => {});
    socket.on("close", () => done(heard));
    signal?.addEventListener("abort", () => socket.destroy(), { once: true });
  });
}
