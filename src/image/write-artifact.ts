import { randomBytes } from "node:crypto";
import { chmod, mkdir, mkdtemp, open, readdir, realpath, rename, rm, rmdir, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import {
  type Emit,
  HadronError,
  isSystemError,
  messageOf,
  programName,
  replaceFolder,
  type Sha256,
  sha256OfFile,
  silent,
} from "../base/mod.ts";
import { isLayout } from "../oci/mod.ts";
import type { Image } from "../rootfs/mod.ts";
import { type Artifact, type ArtifactKind, artifacts, copyWhole } from "./artifacts.ts";

export interface WriteArtifactOptions {
  kind: ArtifactKind;
  image: Pick<Image, "name">;
  /** The output folder of the step that makes it (`artifacts[kind].part`). */
  output: string;
  /** The file to write; its folder is made, a file of that name is replaced. A folder for an artifact that is one. */
  to: string;
  /** Bytes that a disk has at least; what is added takes no space. */
  minBytes?: number;
  emit?: Emit;
  signal?: AbortSignal | undefined;
}

export interface WrittenArtifact {
  /** Absolute. */
  path: string;
  /** The file's length; with holes it takes less of the disk. Of a folder, the sum. */
  bytes: number;
  /** Of the file; of an image layout, the digest of its manifest. */
  sha256: Sha256;
}

/**
 * Brings an artifact from the store to where the user wants it, whole or not at all: written beside, synced, renamed.
 * @throws HadronError `IMAGE_OUTPUT` for a place that can't be written, `IMAGE_OUTPUT_FULL`, `IMAGE_PART_MISSING` for a step
 * output without the file.
 */
export async function writeArtifact(options: WriteArtifactOptions): Promise<WrittenArtifact> {
  const { kind, image, output, to, minBytes = 0, emit = silent, signal } = options;
  const artifact: Artifact = artifacts[kind];
  const from = join(output, artifact.file(image));
  await assertPart(from, `${image.name}:${artifact.part}`);
  const path = artifact.isFolder ? await folderTargetOf(to) : await targetOf(to);
  const beside = besideOf(path);
  emit({ type: "note", message: `Writing ${image.name} as ${kind} to "${path}"` });
  try {
    await mkdir(dirname(path), { recursive: true });
    const folder = await artifact.write(from, beside, { minBytes, signal });
    if (folder) {
      signal?.throwIfAborted();
      await replaceFolder(path, beside);
      return { path, ...folder };
    }
    await chmod(beside, 0o644);
    const bytes = await settle(beside, growthOf(artifact, minBytes));
    // A plain copy has its source's bytes, which are in memory by now; reading a sparse file back costs seconds.
    const isCopy = artifact.write === copyWhole && bytes === (await stat(from)).size;
    const sha256 = await sha256OfFile(isCopy ? from : beside);
    signal?.throwIfAborted();
    await rename(beside, path);
    return { path, bytes, sha256 };
  } catch (error) {
    await rm(beside, { force: true, recursive: true }).catch(() => {});
    throw outputError(error, path);
  }
}

/**
 * Makes a disk with nothing on it, which takes next to no space. Its folder is made.
 * @throws HadronError `IMAGE_OUTPUT`, `IMAGE_OUTPUT_FULL`
 */
export async function writeEmptyDisk(kind: "disk" | "qcow2", to: string, bytes: number): Promise<void> {
  const path = await targetOf(to);
  const beside = besideOf(path);
  try {
    await mkdir(dirname(path), { recursive: true });
    await artifacts[kind].write("/dev/null", beside, { minBytes: bytes });
    await settle(beside, growthOf(artifacts[kind], bytes));
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true }).catch(() => {});
    throw outputError(error, path);
  }
}

/**
 * Says at once what writing would only say after a long build: that nothing can be written to a place. For a trial a folder is
 * made beside it, and removed.
 * @param kind What is to be written; a file by default
 * @throws HadronError `IMAGE_OUTPUT`, `IMAGE_OUTPUT_FULL`
 */
export async function assertOutputPlace(to: string, kind: ArtifactKind = "disk"): Promise<void> {
  const artifact: Artifact = artifacts[kind];
  const path = artifact.isFolder ? await folderTargetOf(to) : await targetOf(to);
  try {
    await rmdir(await mkdtemp(join(await nearestFolder(dirname(path)), ".hadron-")));
  } catch (error) {
    // So /proc answers, in which nobody can make a folder.
    if (isSystemError(error, "ENOENT")) throw unwritableAt(path, error);
    throw outputError(error, path);
  }
}

/** The folder, or the nearest one above it that is there. */
async function nearestFolder(path: string): Promise<string> {
  try {
    await stat(path);
    return path;
  } catch (error) {
    if (!isSystemError(error, "ENOENT") || path === dirname(path)) throw error;
    return nearestFolder(dirname(path));
  }
}

function besideOf(path: string): string {
  return `${path}.${process.pid}.${randomBytes(4).toString("hex")}.part`;
}

/** What the file of an artifact is grown to afterwards: a format of its own has its size inside. */
function growthOf({ write }: Pick<Artifact, "write">, minBytes: number): number {
  return write === copyWhole ? minBytes : 0;
}

async function assertPart(file: string, step: string): Promise<void> {
  if ((await stat(file).catch(() => undefined))?.isFile()) return;
  throw new HadronError(`The output of "${step}" lacks "${file}"`, {
    kind: "store",
    code: "IMAGE_PART_MISSING",
    at: file,
    hint: `${programName()} store verify --remove, then build again`,
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

/** Only a layout is replaced, or a folder with nothing in it: whatever else is there may be somebody's. */
async function folderTargetOf(to: string): Promise<string> {
  const path = resolve(to);
  const existing = await stat(path).catch((error: unknown) => {
    if (isSystemError(error, "ENOENT")) return undefined;
    throw outputError(error, path);
  });
  if (existing === undefined) return path;
  if (existing.isDirectory() && ((await isLayout(path)) || (await readdir(path)).length === 0)) return realpath(path);
  throw refuse(
    `Could not write an image layout to "${to}": something else is there`,
    path,
    "Name a folder that is new",
  );
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
  return isSystemError(error, ...unwritable) ? unwritableAt(path, error) : error;
}

function unwritableAt(path: string, cause: unknown): HadronError {
  const hint = "Name a file in a folder that you may write to";
  return refuse(`Could not write "${path}": ${messageOf(cause)}`, path, hint, cause);
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
