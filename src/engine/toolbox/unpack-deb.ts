import { spawn } from "node:child_process";
import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { HadronError, isSystemError, programName } from "../../base/mod.ts";
import { type DebPart, readDebLayout } from "../../formats/mod.ts";

/**
 * Unpacks the files of one Debian package into a tree with the host's tar, as whatever user this is: owners and special
 * mode bits are not kept, links to folders in the tree are followed (merged /usr).
 * @throws HadronError of kind `source`, code `PACKAGE_DAMAGED`; of kind `host`, code `TOOL_MISSING`, without tar or xz.
 */
export async function unpackDeb(package_: string, tree: string, drops: readonly string[]): Promise<void> {
  const { data } = await readDebLayout(package_);
  const exclude = drops.flatMap((path) => [`--exclude=./${path}`, `--exclude=./${path}/*`]);
  // umask is the shell's: what the user's own happens to be must not decide what a step may read.
  const script = 'umask 022; exec tar -x --no-same-owner --no-same-permissions --keep-directory-symlink "$@"';
  const child = spawn("sh", ["-c", script, "tar", "-C", tree, "--anchored", ...exclude], {
    stdio: ["pipe", "ignore", "pipe"],
    env: { PATH: process.env.PATH ?? "", LC_ALL: "C" },
  });
  const complaints: Buffer[] = [];
  child.stderr.on("data", (chunk: Buffer) => complaints.push(chunk));
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const [piped, status] = await Promise.allSettled([pipeline(open(package_, data), child.stdin), ended]);
  const fed = piped.status === "fulfilled" || isEarlyClose(piped.reason);
  if (status.status === "fulfilled" && status.value === 0 && fed) return;
  const text = Buffer.concat(complaints).toString().trim();
  const cause = piped.status === "rejected" ? piped.reason : status.status === "rejected" ? status.reason : undefined;
  if (cause instanceof HadronError) throw cause;
  if (/tar: not found|unrecognized option|Usage: tar/.test(text)) throw missing("GNU tar", "tar", text);
  if (/No space left on device|Disk quota exceeded|Wrote only \d+ of/.test(text)) {
    throw new HadronError(`No space left to unpack into "${tree}"`, {
      kind: "store",
      code: "STORE_FULL",
      at: tree,
      hint: `Free some space with: ${programName()} store gc --older-than 7`,
    });
  }
  throw new HadronError(`Could not unpack "${package_}": ${text || String(cause)}`, {
    kind: "source",
    code: "PACKAGE_DAMAGED",
    at: package_,
    hint: "Remove the file and run the command again: it is fetched anew",
    ...(cause === undefined ? {} : { cause }),
  });
}

async function* open(path: string, part: DebPart): AsyncGenerator<Buffer> {
  const raw = createReadStream(path, { start: part.offset, end: part.offset + part.size - 1, highWaterMark: 1 << 20 });
  if (part.compression === "none") yield* raw;
  else if (part.compression === "gz") yield* through(raw, createGunzip());
  else if (part.compression === "zst") yield* through(raw, createZstdDecompress());
  else yield* throughXz(raw);
}

async function* through(raw: Readable, decompressor: NodeJS.ReadWriteStream): AsyncGenerator<Buffer> {
  const fed = pipeline(raw, decompressor);
  fed.catch(() => {});
  for await (const chunk of decompressor) yield chunk as Buffer;
  await fed;
}

async function* throughXz(raw: Readable): AsyncGenerator<Buffer> {
  const child = spawn("xz", ["-dc"], { stdio: ["pipe", "pipe", "pipe"] });
  const complaints: Buffer[] = [];
  child.stderr.on("data", (chunk: Buffer) => complaints.push(chunk));
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  ended.catch(() => {});
  const fed = pipeline(raw, child.stdin);
  fed.catch(() => {});
  try {
    for await (const chunk of child.stdout) yield chunk as Buffer;
    if ((await ended) !== 0) throw new Error(`xz: ${Buffer.concat(complaints).toString().trim()}`);
    await fed.catch((error: unknown) => {
      if (!isEarlyClose(error)) throw error;
    });
  } catch (error) {
    if (!isSystemError(error, "ENOENT")) throw error;
    throw missing("xz", "xz-utils", error);
  } finally {
    child.kill();
  }
}

function missing(program: string, debianPackage: string, cause: unknown): HadronError {
  return new HadronError(`The program ${program} is missing`, {
    kind: "host",
    code: "TOOL_MISSING",
    hint: `Install it (Debian, Ubuntu: apt install ${debianPackage})`,
    cause,
  });
}

/**
 * A reader that has seen the end of its input and left well may be gone before the stream's own end is noticed. Its exit status
 * tells whether it had everything.
 */
function isEarlyClose(error: unknown): boolean {
  return isSystemError(error, "ERR_STREAM_PREMATURE_CLOSE", "EPIPE", "ECONNRESET");
}
