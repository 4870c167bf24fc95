import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Emit, HadronError, isProcessAlive, messageOf, networkReason, type Sha256, silent } from "../base/mod.ts";
import { storeError } from "./store/store.ts";

export interface DownloadOptions {
  /** `http:`, `https:` or `file:` URL, or an absolute path. */
  url: string;
  /** Where the finished file goes; its folder is made. Until then the bytes are in `<to>.<pid>.<n>.part`. */
  to: string;
  /** What it must be; without it anything is accepted. */
  sha256?: Sha256;
  /** Bytes, where known. */
  size?: number;
  /** For events and messages. */
  name: string;
  emit?: Emit;
  signal?: AbortSignal | undefined;
  /** Seconds without a byte after which the server is given up. */
  idleSeconds?: number;
}

const attempts = 3;

/**
 * Fetches one file, going on from what an interrupted earlier download left.
 * @throws HadronError of kind `source`: `DOWNLOAD_UNREACHABLE`, `DOWNLOAD_NOT_FOUND` (the server answered that it has no
 * such file), `DOWNLOAD_TRUNCATED` (it broke off, the part is kept), `DOWNLOAD_DIGEST` (the part is removed); of kind
 * `store`: `STORE_FULL`, `STORE_READ_ONLY`. An abort by `signal` rejects with the signal's reason.
 */
export async function download(options: DownloadOptions): Promise<{ sha256: Sha256; size: number }> {
  const { to, name, url, emit = silent } = options;
  emit({ type: "fetch-start", name, bytes: options.size ?? 0 });
  const part = reservePart(to);
  try {
    await mkdir(dirname(to), { recursive: true });
    await adoptPart(to, part);
    const got = await receive(part, options);
    await rename(part, to);
    emit({ type: "fetch-end", name, from: url });
    return got;
  } catch (error) {
    emit({ type: "fetch-failed", name });
    await removeEmpty(part);
    throw storeError(error, to);
  } finally {
    partsInUse.delete(part);
  }
}

/** Part files that this process writes to now. */
const partsInUse = new Set<string>();

function reservePart(to: string): string {
  for (let number = 0; ; number++) {
    const part = `${to}.${process.pid}.${number}.part`;
    if (partsInUse.has(part)) continue;
    partsInUse.add(part);
    return part;
  }
}

/** Goes on with the longest part that nobody writes to: of a dead process, or of a try of this one that failed. */
async function adoptPart(to: string, part: string): Promise<void> {
  const pattern = new RegExp(`^${RegExp.escape(basename(to))}\\.(\\d+)\\.\\d+\\.part$`);
  const found: { path: string; size: number }[] = [];
  for (const entry of (await readdir(dirname(to))).sort()) {
    const path = join(dirname(to), entry);
    const pid = Number(pattern.exec(entry)?.[1] ?? Number.NaN);
    const isFree = pid === process.pid ? path === part || !partsInUse.has(path) : !isProcessAlive(pid);
    if (Number.isNaN(pid) || !isFree) continue;
    const size = (await stat(path).catch(() => undefined))?.size;
    if (size !== undefined) found.push({ path, size });
  }
  const longest = found.sort((a, b) => b.size - a.size)[0]?.path;
  for (const { path } of found) if (path !== longest) await rm(path, { force: true });
  // Another process may have been faster.
  if (longest !== undefined && longest !== part) await rename(longest, part).catch(() => {});
}

/** A part without a byte is nothing to go on with. */
async function removeEmpty(part: string): Promise<void> {
  if ((await stat(part).catch(() => undefined))?.size === 0) await rm(part, { force: true });
}

/** Fills the part file until it is whole and right. */
async function receive(part: string, options: DownloadOptions): Promise<{ sha256: Sha256; size: number }> {
  const { name, url } = options;
  let startedFrom = 0;
  for (let attempt = 1; ; attempt++) {
    const hash = createHash("sha256");
    await using file = await open(part, "a+");
    const had = await hashPart(file, hash, options.size);
    if (attempt === 1) startedFrom = had;
    try {
      const outcome =
        options.size !== undefined && had === options.size
          ? { hash, size: had }
          : await transfer(file, hash, had, options);
      if (options.size !== undefined && outcome.size < options.size) {
        throw failure("DOWNLOAD_TRUNCATED", options, `ended after ${outcome.size} of ${options.size} bytes`);
      }
      const got = outcome.hash.digest("hex");
      if (options.sha256 === undefined || got === options.sha256) {
        await file.sync();
        return { sha256: got, size: outcome.size };
      }
      await rm(part, { force: true });
      if (startedFrom > 0 && attempt < attempts) {
        startedFrom = 0;
        continue;
      }
      throw new HadronError(
        `Downloaded "${name}" has SHA-256 ${got} and ${outcome.size} bytes, expected ${options.sha256}`,
        {
          kind: "source",
          code: "DOWNLOAD_DIGEST",
          at: url,
          hint: "The server or a proxy on the way gives another file than the lock names: try another mirror",
        },
      );
    } catch (error) {
      const canGoOn = error instanceof HadronError && error.code === "DOWNLOAD_TRUNCATED";
      if (!canGoOn || attempt === attempts) throw error;
    }
  }
}

/** Digests what is there already; what is longer than the whole file can't be its beginning and goes. */
async function hashPart(file: FileHandle, hash: Hash, size: number | undefined): Promise<number> {
  const had = (await file.stat()).size;
  if (had === 0) return 0;
  if (size === undefined || had > size) {
    await file.truncate(0);
    return 0;
  }
  for await (const chunk of file.createReadStream({ start: 0, autoClose: false })) hash.update(chunk as Buffer);
  return had;
}

async function transfer(
  file: FileHandle,
  hash: Hash,
  had: number,
  options: DownloadOptions,
): Promise<{ hash: Hash; size: number }> {
  const { emit = silent, name, signal } = options;
  const idle = new IdleAbort(options.idleSeconds ?? 30, signal);
  let received = had;
  let reported = had;
  let current = hash;
  try {
    const { body, offset } = await openBody(had, options, idle.signal);
    if (offset !== had) {
      await file.truncate(0);
      current = createHash("sha256");
      received = 0;
      reported = 0;
    }
    for await (const chunk of body) {
      idle.restart();
      received += chunk.length;
      if (options.size !== undefined && received > options.size) {
        await file.truncate(0);
        throw new HadronError(`Downloading "${name}" gave more than the expected ${options.size} bytes`, {
          kind: "source",
          code: "DOWNLOAD_DIGEST",
          at: options.url,
          hint: "The server gives another file than the lock names: try another mirror",
        });
      }
      current.update(chunk);
      await file.appendFile(chunk);
      if (received - reported >= 1 << 18) {
        reported = received;
        emit({ type: "fetch-progress", name, received, bytes: options.size ?? 0 });
      }
    }
    return { hash: current, size: received };
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    // All of it came; how the connection ended after that is nobody's concern.
    if (received === options.size) return { hash: current, size: received };
    if (error instanceof HadronError || storeError(error, options.to) !== error) throw error;
    const why = idle.signal.aborted ? `no byte for ${options.idleSeconds ?? 30} s` : networkReason(error);
    const code = received > 0 ? "DOWNLOAD_TRUNCATED" : "DOWNLOAD_UNREACHABLE";
    throw failure(code, options, received > 0 ? `broke off after ${received} bytes: ${why}` : why, error);
  } finally {
    idle.stop();
  }
}

interface Body {
  body: AsyncIterable<Uint8Array>;
  /** Where in the file the body begins: what was asked for, or 0 from a server without ranges. */
  offset: number;
}

async function openBody(had: number, options: DownloadOptions, signal: AbortSignal): Promise<Body> {
  const { url } = options;
  if (isAbsolute(url) || url.startsWith("file:")) return openFile(had, options);
  const headers: Record<string, string> = had > 0 ? { range: `bytes=${had}-` } : {};
  // Without "identity" a server may compress what is compressed already, and lengths and ranges would not fit.
  const response = await fetch(url, { headers: { ...headers, "accept-encoding": "identity" }, signal });
  if (response.status === 416 && had > 0) {
    await response.body?.cancel();
    return openBody(0, options, signal);
  }
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    const gone = response.status >= 400 && response.status < 500 && response.status !== 408 && response.status !== 429;
    throw failure(
      gone ? "DOWNLOAD_NOT_FOUND" : "DOWNLOAD_UNREACHABLE",
      options,
      `the server answered ${response.status}`,
    );
  }
  const begin = /^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "")?.[1];
  if (response.status === 206 && begin !== String(had)) {
    await response.body.cancel();
    return openBody(0, options, signal);
  }
  return { body: response.body, offset: response.status === 206 ? had : 0 };
}

async function openFile(had: number, options: DownloadOptions): Promise<Body> {
  const path = options.url.startsWith("file:") ? fileURLToPath(options.url) : options.url;
  const size = (
    await stat(path).catch((error: unknown) => {
      throw failure("DOWNLOAD_NOT_FOUND", options, messageOf(error), error);
    })
  ).size;
  const offset = had <= size ? had : 0;
  return { body: createReadStream(path, { start: offset, highWaterMark: 1 << 20 }), offset };
}

/** Aborts when `restart` was not called for so many seconds, or when the outer signal does. */
class IdleAbort {
  readonly signal: AbortSignal;
  #controller = new AbortController();
  #timer: NodeJS.Timeout;

  constructor(seconds: number, outer: AbortSignal | undefined) {
    this.#timer = setTimeout(() => this.#controller.abort(), seconds * 1000);
    this.signal = outer ? AbortSignal.any([outer, this.#controller.signal]) : this.#controller.signal;
  }

  restart(): void {
    this.#timer.refresh();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

type FailureCode = "DOWNLOAD_UNREACHABLE" | "DOWNLOAD_NOT_FOUND" | "DOWNLOAD_TRUNCATED";

function failure(code: FailureCode, options: DownloadOptions, why: string, cause?: unknown): HadronError {
  const hint = {
    DOWNLOAD_UNREACHABLE: "Check the network and proxy settings, or name another mirror",
    DOWNLOAD_NOT_FOUND: "Name another mirror that has this file",
    DOWNLOAD_TRUNCATED: "Run the command again: the download goes on where it broke off",
  }[code];
  return new HadronError(`Could not download "${options.name}": ${why}`, {
    kind: "source",
    code,
    at: options.url,
    hint,
    cause,
  });
}
