import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { chmod, mkdir, open, symlink } from "node:fs/promises";
import { join } from "node:path";
import { Readable, Transform } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import tarStream from "tar-stream";
import { compareText, HadronError, isSystemError, type Sha256 } from "../base/mod.ts";

/** What a tar archive of ours may hold (POSIX.1-2017 pax, ustar where names fit). */
export type TarEntry = (
  | { path: string; type: "directory"; mode: number }
  | { path: string; type: "file"; mode: number; size: number; content: () => Readable }
  | { path: string; type: "link"; target: string }
) & { uid?: number; gid?: number };

/** Archives entries in the given order; owner 0:0 where none is given, and one time (seconds), so equal entries give equal bytes. */
export function packTar(entries: Iterable<TarEntry>, seconds: number): Readable {
  const pack = tarStream.pack();
  const mtime = new Date(seconds * 1000);
  const write = async (): Promise<void> => {
    for (const entry of entries) {
      const common = { mtime, uid: entry.uid ?? 0, gid: entry.gid ?? 0, uname: "", gname: "" };
      if (entry.type === "file") {
        const sink = pack.entry({ ...common, name: entry.path, mode: entry.mode, size: entry.size });
        await pipeline(entry.content(), sink);
        continue;
      }
      const header =
        entry.type === "link"
          ? { ...common, name: entry.path, type: "symlink" as const, linkname: entry.target, mode: 0o777 }
          : { ...common, name: `${entry.path}/`, type: "directory" as const, mode: entry.mode };
      await new Promise<void>((done, failed) => pack.entry(header, (error) => (error ? failed(error) : done())));
    }
    pack.finalize();
  };
  write().catch((error: unknown) => pack.destroy(error instanceof Error ? error : new Error(String(error))));
  return Readable.from(pack);
}

/** How much an archive may hold. */
export interface TarLimits {
  entries: number;
  /** Of all files together. */
  bytes: number;
}

/** More than any tree of ours has, and less than fills a disk's table of inodes. */
const tarLimits: TarLimits = { entries: 500_000, bytes: 32 * 2 ** 30 };

/**
 * Unpacks an archive into an empty folder. Links are made last, so nothing is ever written through one.
 * @throws HadronError `TAR_REFUSED` for absolute paths, `..`, names that come twice, and anything but files, folders and
 * symbolic links; `TAR_TOO_LARGE`; `TAR_DAMAGED` where the stream ends early or is not tar.
 */
export async function unpackTar(archive: Readable, into: string, limits: TarLimits = tarLimits): Promise<void> {
  const extract = tarStream.extract();
  const found: TarLimits = { entries: 0, bytes: 0 };
  const end = watchEnd();
  const links: { path: string; target: string }[] = [];
  const folders: { path: string; mode: number }[] = [];
  const seen = new Set<string>();
  const read = async (): Promise<void> => {
    for await (const entry of extract) {
      const { name, type = "file", mode = 0o644, linkname, size = 0 } = entry.header;
      found.entries += 1;
      found.bytes += size;
      // A size that is no number is beyond any limit.
      if (found.entries > limits.entries || !(found.bytes <= limits.bytes)) throw tooLarge(limits);
      const path = safePath(name);
      if (path !== "" && seen.has(path)) throw refuse(name, "comes twice");
      seen.add(path);
      if (path === "") entry.resume();
      else if (type === "directory") {
        await mkdir(join(into, path), { recursive: true });
        folders.push({ path, mode });
        entry.resume();
      } else if (type === "symlink") {
        links.push({ path, target: linkname ?? "" });
        entry.resume();
      } else if (type === "file" || type === "contiguous-file") await writeEntry(entry, join(into, path), mode);
      else throw refuse(name, `is a ${type}`);
    }
  };
  const outcomes = await Promise.allSettled([read(), pipeline(archive, end.stream, extract)]);
  const failures = outcomes.filter((outcome) => outcome.status === "rejected").map(({ reason }) => reason as unknown);
  // One that fails takes the other along; the one that says why counts.
  const why = failures.find((error) => translate(error) === error) ?? failures.find(isTaken) ?? failures[0];
  if (why !== undefined) throw translate(why);
  if (!end.isWhole()) throw damaged();
  const linked = new Set(links.map(({ path }) => path));
  const through = [...seen].find((path) => foldersAbove(path).some((folder) => linked.has(folder)));
  if (through !== undefined) throw refuse(through, "lies behind a link");
  try {
    for (const { path, target } of links) {
      await mkdir(join(into, path, ".."), { recursive: true });
      await symlink(target, join(into, path));
    }
    for (const { path, mode } of folders.reverse()) await chmod(join(into, path), mode & 0o7777);
  } catch (error) {
    throw translate(error);
  }
}

/**
 * The content of one file of an archive that is read for nothing else; undefined where it has none of that name.
 * @throws HadronError `TAR_DAMAGED`
 */
export async function readTarFile(archive: Readable, path: string): Promise<Buffer | undefined> {
  let found: Buffer | undefined;
  await eachFile(archive, async (name, entry) => {
    if (name === path) found = await buffer(entry);
    else entry.resume();
  });
  return found;
}

/**
 * SHA-256 of each file of an archive, by its path, sorted.
 * @throws HadronError `TAR_DAMAGED`
 */
export async function tarDigests(archive: Readable): Promise<Map<string, Sha256>> {
  const digests: [string, Sha256][] = [];
  await eachFile(archive, async (name, entry) => {
    const hash = createHash("sha256");
    for await (const chunk of entry) hash.update(chunk as Buffer);
    digests.push([name, hash.digest("hex")]);
  });
  return new Map(digests.sort(([a], [b]) => compareText(a, b)));
}

/** @param visit Has to read the file, or to let it go by */
async function eachFile(archive: Readable, visit: (path: string, file: Readable) => Promise<void>): Promise<void> {
  const extract = tarStream.extract();
  const read = async (): Promise<void> => {
    for await (const entry of extract) {
      if (entry.header.type === "file") await visit(safePath(entry.header.name), entry as unknown as Readable);
      else entry.resume();
    }
  };
  const outcomes = await Promise.allSettled([read(), pipeline(archive, extract)]);
  for (const outcome of outcomes) if (outcome.status === "rejected") throw translate(outcome.reason);
}

/** `a/b/c` → `a`, `a/b`. */
function foldersAbove(path: string): string[] {
  const parts = path.split("/");
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join("/"));
}

/** An archive ends with two blocks of zeros (POSIX.1-2017 pax, "ustar Interchange Format"): without them it may lack entries. */
function watchEnd(): { stream: Transform; isWhole: () => boolean } {
  let zeros = 0;
  const stream = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      let own = 0;
      while (own < chunk.length && chunk[chunk.length - 1 - own] === 0) own += 1;
      zeros = own === chunk.length ? zeros + own : own;
      done(null, chunk);
    },
  });
  return { stream, isWhole: () => zeros >= 1024 };
}

function translate(error: unknown): unknown {
  if (error instanceof HadronError || isSystemError(error, "ENOSPC", "EDQUOT", "EFBIG", "EACCES", "EROFS"))
    return error;
  return isTaken(error) ? refuse(error.path ?? "?", "comes twice") : damaged(error);
}

function isTaken(error: unknown): error is NodeJS.ErrnoException {
  return isSystemError(error, "EEXIST", "ENOTDIR", "ELOOP");
}

function damaged(cause?: unknown): HadronError {
  return new HadronError("The archive is damaged", {
    kind: "input",
    code: "TAR_DAMAGED",
    hint: "Get it again from where it comes from",
    cause,
  });
}

async function writeEntry(entry: AsyncIterable<unknown>, path: string, mode: number): Promise<void> {
  await mkdir(join(path, ".."), { recursive: true });
  await using file = await open(
    path,
    constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
    0o600,
  );
  // Unlike `write`, which may write less than it is given where a disk or a quota ends.
  for await (const chunk of entry) await file.appendFile(chunk as Uint8Array);
  await file.chmod(mode & 0o7777);
}

function safePath(name: string): string {
  const parts = name.split("/").filter((part) => part !== "" && part !== ".");
  if (name.startsWith("/") || parts.includes("..") || name.includes("\0"))
    throw refuse(name, "leads out of the archive");
  return parts.join("/");
}

function tooLarge({ entries, bytes }: TarLimits): HadronError {
  return new HadronError(`The archive has more than ${entries} entries or ${bytes} bytes`, {
    kind: "input",
    code: "TAR_TOO_LARGE",
    hint: "Such an archive is no image of an operating system: look where it came from",
  });
}

function refuse(name: string, why: string): HadronError {
  return new HadronError(`The archive's entry "${name}" ${why}`, {
    kind: "input",
    code: "TAR_REFUSED",
    at: name,
    hint: "Pack it anew: folders, files and links, each once and by a name within the archive",
  });
}
