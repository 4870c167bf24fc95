import { createConnection, createServer, type Socket } from "node:net";
import { type Emit, isSystemError } from "../base/mod.ts";

export interface BuildLockOptions {
  signal?: AbortSignal | undefined;
  /** Who uses the same name waits; only tests have one of their own, and those who read the store. */
  name?: string;
  /** Who holds it, for the note that is shown while waiting. */
  holder?: string;
}

/**
 * One build at a time on a machine (and in one network namespace): two at once would only fight for the cores, and nothing is
 * removed from a store while a build works in it. The lock is an abstract Unix socket, so the kernel frees it whatever happens to
 * its holder. (The store itself needs no lock.)
 */
export async function takeBuildLock(emit: Emit, options: BuildLockOptions = {}): Promise<AsyncDisposable> {
  const { signal, name = "hadron-build", holder = "another build" } = options;
  const address = addressOf(name);
  let isSaid = false;
  const say = (pid: string) => {
    if (!isSaid) emit({ type: "note", message: `Waiting for ${holder} on this machine (process ${pid})` });
    isSaid = true;
  };
  for (;;) {
    signal?.throwIfAborted();
    const lock = await tryToHold(address);
    if (lock) return lock;
    await waitForHolder(address, say, signal);
    // Not at once: a socket that is just being closed still takes its name.
    await new Promise((done) => setTimeout(done, 20));
  }
}

export type StoreLockOptions = Pick<BuildLockOptions, "signal" | "name">;

/** So many may read the store at a time, each by a name of its own; who would remove something holds all names. */
const mostReaders = 8;

function readerNames({ name = "hadron-store" }: StoreLockOptions): string[] {
  return Array.from({ length: mostReaders }, (_, number) => `${name}-${number}`);
}

/**
 * Held while somebody reads outputs in the store without being a build: an export, an open shell. They wait for no build and not for each
 * other, but nothing is removed meanwhile. Who holds the build's lock may ask for this one, and not the other way round.
 */
export async function shareStore(emit: Emit, options: StoreLockOptions = {}): Promise<AsyncDisposable> {
  const names = readerNames(options);
  for (const name of names) {
    const lock = await tryToHold(addressOf(name));
    if (lock) return lock;
  }
  const [first = ""] = names;
  return takeBuildLock(emit, {
    signal: options.signal,
    name: first,
    holder: "a clean-up, or many exports and shells,",
  });
}

/** Held while something may be removed from the store; the build's lock is taken before. */
export async function takeWholeStore(emit: Emit, options: StoreLockOptions = {}): Promise<AsyncDisposable> {
  await using locks = new AsyncDisposableStack();
  for (const name of readerNames(options))
    locks.use(await takeBuildLock(emit, { signal: options.signal, name, holder: "an export or an open shell" }));
  return locks.move();
}

/** The lock of a build that perhaps finds everything in the store, and then keeps nobody waiting. */
export interface LazyBuildLock extends AsyncDisposable {
  /** Takes the lock, once. */
  hold(): Promise<void>;
}

export function openBuildLock(emit: Emit, options: BuildLockOptions = {}): LazyBuildLock {
  let taking: Promise<AsyncDisposable> | undefined;
  return {
    hold: async () => {
      taking ??= takeBuildLock(emit, options);
      await taking;
    },
    [Symbol.asyncDispose]: async () => {
      const lock = await taking?.catch(() => undefined);
      await lock?.[Symbol.asyncDispose]();
    },
  };
}

/** In the abstract namespace (unix(7)). */
function addressOf(name: string): string {
  return `\0${name}`;
}

/** Listens on the address, tells whoever connects this process' number, and keeps the connection until the lock is given back. */
function tryToHold(address: string): Promise<AsyncDisposable | undefined> {
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
    server.listen(address, () => {
      server.unref();
      done({ [Symbol.asyncDispose]: release });
    });
  });
}

/** Resolves when the holder has gone, or the signal was given. */
function waitForHolder(address: string, onPid: (pid: string) => void, signal?: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const socket = createConnection(address);
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
