import { randomBytes } from "node:crypto";
import { chmod, mkdir, open, realpath, rename, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { type Emit, HadronError, isSystemError, messageOf, type Sha256, sha256OfFile, silent } from "../base/mod.ts";
import { copySparseFile } from "../formats/mod.ts";
import type { Image } from "../rootfs/mod.ts";
import { type ArtifactKind, artifacts } from "./artifacts.ts";

export interface WriteArtifactOptions {
  kind: ArtifactKind;
  image: Pick<Image, "name">;
  /** The output folder of the step that makes it (`artifacts[kind].part`). */
  output: string;
  /** The file to write; its folder is made, a file of that name is replaced. */
  to: string;
  /** Bytes that the file has at least; what is added is a hole at its end. */
  minBytes?: number;
  emit?: Emit;
  signal?: AbortSignal | undefined;
}

export interface WrittenArtifact {
  /** Absolute. */
  path: string;
  /** The file's length; with holes it takes less of the disk. */
  bytes: number;
  sha256: Sha256;
}

/**
 * Brings an artifact from the store to where the user wants it, whole or not at all: written beside, synced, renamed.
 * @throws HadronError `IMAGE_OUTPUT` for a place that can't be written, `IMAGE_OUTPUT_FULL`, `IMAGE_PART_MISSING` for a step
 * output without the file.
 */
export async function writeArtifact(options: WriteArtifactOptions): Promise<WrittenArtifact> {
  const { kind, image, output, to, minBytes = 0, emit = silent, signal } = options;
  const artifact = artifacts[kind];
  const from = join(output, artifact.file(image));
  await assertPart(from, `${image.name}:${artifact.part}`);
  const path = await targetOf(to);
  const beside = `${path}.${process.pid}.${randomBytes(4).toString("hex")}.part`;
  emit({ type: "note", message: `Writing ${image.name} as ${kind} to "${path}"` });
  try {
    await mkdir(dirname(path), { recursive: true });
    await artifact.write(from, beside, { signal });
    await chmod(beside, 0o644);
    const bytes = await settle(beside, minBytes);
    // A plain copy has its source's bytes, which are in memory by now; reading a sparse file back costs seconds.
    const isCopy = artifact.write === copySparseFile && bytes === (await stat(from)).size;
    const sha256 = await sha256OfFile(isCopy ? from : beside);
    signal?.throwIfAborted();
    await rename(beside, path);
    return { path, bytes, sha256 };
  } catch (error) {
    await rm(beside, { force: true }).catch(() => {});
    throw outputError(error, path);
  }
}

async function assertPart(file: string, step: string): Promise<void> {
  if ((await stat(file).catch(() => undefined))?.isFile()) return;
  throw new HadronError(`The output of "${step}" lacks "${file}"`, {
    kind: "store",
    code: "IMAGE_PART_MISSING",
    at: file,
    hint: "hadron store verify --remove, then build again",
  });
}

/** Follows a link to the file it names, so that the link stays. Only files are replaced: a rename would unhook a device's node. */
async function targetOf(to: string): Promise<string> {
  const path = resolve(to);
  const existing = await stat(path).catch((error: unknown) => {
    if (isSystemError(error, "ENOENT")) return undefined;
    throw outputError(error, path);
  });
  if (existing?.isDirectory() || (existing === undefined && to.endsWith("/")))
    throw refuse(
      `Could not write to "${to}": it is a folder`,
      path,
      `Name a file, such as "${join(path, "disk.img")}"`,
    );
  if (existing === undefined) return path;
  if (existing.isFile()) return await realpath(path);
  throw refuse(`Could not write to "${to}": it is a device or the like`, path, "Name a file, and copy that with dd");
}

/** Grows the file if it is too short, brings it to the disk, and says how long it is. */
async function settle(path: string, minBytes: number): Promise<number> {
  await using file = await open(path, "r+");
  const { size } = await file.stat();
  if (size < minBytes) await file.truncate(minBytes);
  await file.sync();
  return Math.max(size, minBytes);
}

const unwritable = "EACCES EPERM EROFS EISDIR ENOTDIR EEXIST ELOOP ENAMETOOLONG EFBIG ENXIO".split(" ");

function outputError(error: unknown, path: string): unknown {
  if (isSystemError(error, "ENOSPC", "EDQUOT"))
    return new HadronError(`No space left to write "${path}"`, {
      kind: "host",
      code: "IMAGE_OUTPUT_FULL",
      at: path,
      hint: "Free some space there, or name another place with --output",
      cause: error,
    });
  if (isSystemError(error, ...unwritable))
    return refuse(
      `Could not write "${path}": ${messageOf(error)}`,
      path,
      "Name a file in a folder that you may write to",
      error,
    );
  return error;
}

function refuse(message: string, at: string, hint: string, cause?: unknown): HadronError {
  return new HadronError(message, {
    kind: "usage",
    code: "IMAGE_OUTPUT",
    at,
    hint,
    ...(cause === undefined ? {} : { cause }),
  });
}
