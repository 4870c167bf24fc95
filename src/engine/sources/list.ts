import type { Sha256 } from "../../base/mod.ts";
import { readRecord } from "./blob.ts";
import { chooseCandidate } from "./candidate.ts";
import { describeSignature } from "./describe-signature.ts";
import { type SourceCandidate, type SourceLock, sourceEntry, sourceNames } from "./lock.ts";

/** One row of `hadron sources`. */
export interface SourceRow {
  name: string;
  version: string;
  licence: string;
  homepage: string;
  /** Of the candidate in the store, else of the one that would be tried first. */
  origin: SourceCandidate["origin"];
  sha256: Sha256;
  /** Bytes. */
  size: number;
  present: boolean;
  /** Where the bytes in the store came from, where that is known. */
  place?: string;
  /** `signed 2026-09-02 by FINGERPRINT (name)`, or `not signed: why`. */
  signature: string;
  /** What the key that signed calls itself. */
  signer?: string;
}

export async function listSources(options: { lock: SourceLock; cacheRoot: string }): Promise<SourceRow[]> {
  const rows: SourceRow[] = [];
  for (const name of sourceNames(options.lock)) {
    const { version, sha256, size, origin, present } = chooseCandidate(name, options);
    const entry = sourceEntry(name, options.lock);
    const { licence, homepage } = entry;
    const candidate = entry.candidates.find((candidate) => candidate.sha256 === sha256);
    const pinned = candidate?.signature;
    const signer = pinned && "keyFingerprint" in pinned ? entry.keys?.[pinned.keyFingerprint] : undefined;
    const record = present ? await readRecord(options.cacheRoot, sha256) : undefined;
    rows.push({
      name,
      version,
      licence,
      homepage,
      origin,
      sha256,
      size,
      present,
      signature: candidate === undefined ? "" : describeSignature(candidate, entry),
      ...(signer === undefined ? {} : { signer }),
      ...(record === undefined ? {} : { place: record.place }),
    });
  }
  return rows;
}
