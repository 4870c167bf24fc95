import { statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { canonicalJson, type Sha256, writeFileAtomic } from "../../base/mod.ts";
import type { SourceCandidate } from "./lock.ts";

/** Where a blob came from. About this machine only: it depends on the network, so it must never get into an artifact. */
export interface SourceRecord {
  name: string;
  version: string;
  origin: SourceCandidate["origin"];
  /** The URL or path that gave the bytes. */
  place: string;
}

export function blobPath(cacheRoot: string, sha256: Sha256): string {
  return join(cacheRoot, "sources", sha256);
}

/**
 * Whether the store has the candidate. Blobs are renamed into place only when their digest was right, so the size is looked
 * at for speed alone; `verifySources` looks at all bytes.
 */
export function hasBlob(cacheRoot: string, candidate: SourceCandidate): boolean {
  const found = statSync(blobPath(cacheRoot, candidate.sha256), { throwIfNoEntry: false });
  return found?.isFile() === true && found.size === candidate.size;
}

export async function writeRecord(cacheRoot: string, sha256: Sha256, record: SourceRecord): Promise<void> {
  await writeFileAtomic(`${blobPath(cacheRoot, sha256)}.json`, `${canonicalJson(record)}\n`);
}

/** Undefined for a blob that was put there by hand. */
export async function readRecord(cacheRoot: string, sha256: Sha256): Promise<SourceRecord | undefined> {
  try {
    return JSON.parse(await readFile(`${blobPath(cacheRoot, sha256)}.json`, "utf8")) as SourceRecord;
  } catch {
    return undefined;
  }
}
