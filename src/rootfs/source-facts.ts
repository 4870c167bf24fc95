/** What the source lock says of one source. */
export interface SourceFacts {
  version: string;
  /** SPDX licence expression. */
  licence: string;
  homepage: string;
  /** Upstream's keys by fingerprint, and what each calls itself. */
  keys?: Readonly<Record<string, string>> | undefined;
  candidates: readonly CandidateFacts[];
}

/** One set of bytes that the source can be had as. */
export interface CandidateFacts {
  origin: "upstream" | "debian-repack";
  sha256: string;
  places: readonly string[];
  signature?: { keyFingerprint: string; made: string } | { missing: string } | undefined;
}
