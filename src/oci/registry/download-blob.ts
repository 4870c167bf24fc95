import { createHash, type Hash } from "node:crypto";
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type HadronError, isProcessAlive, isSystemError, networkReason, sha256OfFile } from "../../base/mod.ts";
import type { Descriptor, Layout } from "../layout.ts";
import { placeOf, registryFailure } from "./failures.ts";
import { mayPass, retrying } from "./patience.ts";
import { shortDigest } from "./reference.ts";
import type { Replied, Repository } from "./repository.ts";

/** Bytes between two events. */
const step = 1 << 18;

/**
 * Brings a blob into a layout, checked while it comes, and going on from what an interrupted pull left.
 * @returns whether anything had to be brought
 * @throws HadronError `REGISTRY_DIGEST`, `REGISTRY_TRUNCATED`, and what asking throws
 */
export async function downloadBlob(repository: Repository, layout: Layout, blob: Descriptor): Promise<boolean> {
  const to = layout.blobPath(blob.digest);
  if (await isWhole(to, blob)) return false;
  await mkdir(dirname(to), { recursive: true });
  const part = await adoptPart(to);
  const { emit } = repository;
  emit({ type: "fetch-start", name: shortDigest(blob.digest), bytes: blob.size });
  try {
    await receive(repository, part, blob);
    await rename(part, to);
  } catch (error) {
    emit({ type: "fetch-failed", name: shortDigest(blob.digest) });
    if ((await stat(part).catch(() => undefined))?.size === 0) await rm(part, { force: true });
    throw error;
  }
  emit({ type: "fetch-end", name: shortDigest(blob.digest), from: repository.reference.registry });
  return true;
}

async function isWhole(path: string, { digest, size }: Descriptor): Promise<boolean> {
  try {
    return (await stat(path)).size === size && `sha256:${await sha256OfFile(path)}` === digest;
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return false;
    throw error;
  }
}

/** Where the bytes go until they are whole; takes over what a process left that is gone. */
async function adoptPart(to: string): Promise<string> {
  // Beside the folder of the digests, where only whole blobs may be.
  const folder = dirname(dirname(to));
  const name = to.slice(dirname(to).length + 1);
  const part = join(folder, `${name}.${process.pid}.part`);
  for (const entry of (await readdir(folder)).sort()) {
    const [, of, pid] = /^([0-9a-f]{64})\.(\d+)\.part$/.exec(entry) ?? [];
    if (of !== name || isProcessAlive(Number(pid))) continue;
    // Another process may have been faster.
    await rename(join(folder, entry), part).catch(() => {});
  }
  return part;
}

async function receive(repository: Repository, part: string, blob: Descriptor): Promise<void> {
  const doing = `pull the blob ${blob.digest}`;
  let isForeign: boolean | undefined;
  await retrying(async () => {
    await using file = await open(part, "a+");
    const begun = createHash("sha256");
    const had = await hashPart(file, begun, blob.size);
    // What this process did not get itself may be of something else; then all of it is asked for once more.
    isForeign ??= had > 0;
    const hash = had < blob.size ? await transfer(repository, { file, hash: begun, had, blob, doing }) : begun;
    const got = `sha256:${hash.digest("hex")}`;
    const { size } = await file.stat();
    if (size === blob.size && got !== blob.digest) {
      await file.truncate(0);
      const error = registryFailure("REGISTRY_DIGEST", doing, `what came has the digest ${got}`);
      if (isForeign) mayPass(error);
      isForeign = false;
      throw error;
    }
    if (size !== blob.size) throw mayPass(truncated(doing, size, blob));
    await file.sync();
  }, repository.patience);
}

async function hashPart(file: FileHandle, hash: Hash, most: number): Promise<number> {
  const { size } = await file.stat();
  if (size > most) await file.truncate(0);
  if (size === 0 || size > most) return 0;
  for await (const chunk of file.createReadStream({ start: 0, autoClose: false })) hash.update(chunk as Buffer);
  return size;
}

interface Transfer {
  file: FileHandle;
  hash: Hash;
  had: number;
  blob: Descriptor;
  doing: string;
}

async function transfer(repository: Repository, { file, hash, had, blob, doing }: Transfer): Promise<Hash> {
  const answer = await repository.askOnce({
    method: "GET",
    to: `blobs/${blob.digest}`,
    headers: had > 0 ? { range: `bytes=${had}-` } : {},
    expect: [200, 206, 416],
    doing,
  });
  const at = placeOf(answer.url);
  let received = beginOf(answer);
  const current = received === had ? hash : createHash("sha256");
  if (received !== had) await file.truncate(0);
  if (received !== had && received !== 0) {
    answer.body.destroy();
    throw mayPass(
      registryFailure("REGISTRY_TRUNCATED", doing, "the registry sent another part than asked for", { at }),
    );
  }
  let told = received;
  try {
    for await (const chunk of answer.body as AsyncIterable<Buffer>) {
      received += chunk.length;
      if (received > blob.size) break;
      current.update(chunk);
      await file.appendFile(chunk);
      if (received - told < step) continue;
      told = received;
      repository.emit({ type: "fetch-progress", name: shortDigest(blob.digest), received, bytes: blob.size });
    }
  } catch (error) {
    repository.signal?.throwIfAborted();
    if (isSystemError(error, "ENOSPC", "EDQUOT", "EIO")) throw error;
    throw mayPass(truncated(doing, received, blob, networkReason(error)));
  }
  if (received > blob.size) {
    await file.truncate(0);
    throw registryFailure("REGISTRY_DIGEST", doing, `more than its ${blob.size} bytes came`, { at });
  }
  return current;
}

/** Where in the blob the answer begins: a registry without ranges sends all of it. */
function beginOf({ status, headers }: Replied): number {
  if (status === 200) return 0;
  return status === 206 ? Number(/^bytes (\d+)-/.exec(headers["content-range"] ?? "")?.[1] ?? -1) : -1;
}

function truncated(doing: string, received: number, { size }: Descriptor, why = "the answer ended"): HadronError {
  return registryFailure("REGISTRY_TRUNCATED", doing, `it broke off after ${received} of ${size} bytes: ${why}`);
}
