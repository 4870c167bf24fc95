import { HadronError, type Sha256 } from "../../base/mod.ts";
import { blobPath, hasBlob } from "./blob.ts";
import { lockPosition, type SourceCandidate, type SourceLock, sourceEntry } from "./lock.ts";

export interface CandidateOptions {
  lock: SourceLock;
  cacheRoot: string;
  /** Refuse what Debian repacked. */
  requireUpstream?: boolean | undefined;
}

export interface ChosenSource {
  name: string;
  version: string;
  sha256: Sha256;
  /** Bytes. */
  size: number;
  origin: SourceCandidate["origin"];
  /** In the store, whether it is there yet or not. */
  path: string;
  present: boolean;
}

/**
 * The candidate whose digest enters step keys: the first in the lock's order that the store has, else the first of all.
 * It stays the same once something is fetched: `ensureSource` never fetches a second candidate while the store has one,
 * except for `requireUpstream`, which doesn't count repacks. Call it after `fetchSources`: before that, a fetch that falls
 * back to another candidate may still change the answer.
 * @throws HadronError `SOURCE_UNKNOWN`, `SOURCE_REPACK_REFUSED`
 */
export function chooseCandidate(name: string, options: CandidateOptions): ChosenSource {
  const { lock, cacheRoot } = options;
  const [first, ...others] = allowedCandidates(name, options);
  const present = [first, ...others].find((candidate) => hasBlob(cacheRoot, candidate));
  const { sha256, size, origin } = present ?? first;
  const { version } = sourceEntry(name, lock);
  return { name, version, sha256, size, origin, path: blobPath(cacheRoot, sha256), present: present !== undefined };
}

export function allowedCandidates(
  name: string,
  { lock, requireUpstream = false }: CandidateOptions,
): [SourceCandidate, ...SourceCandidate[]] {
  const { candidates, version } = sourceEntry(name, lock);
  const [first, ...others] = candidates.filter(({ origin }) => !requireUpstream || origin === "upstream");
  if (first !== undefined) return [first, ...others];
  throw new HadronError(
    `The source "${name}" ${version} is pinned only as repacked by Debian, and upstream's own bytes are required`,
    {
      kind: "source",
      code: "SOURCE_REPACK_REFUSED",
      at: lockPosition(name),
      hint: "Add upstream's file to the lock as a candidate, or go without --require-upstream",
    },
  );
}
