import type { SourceCandidate, SourceEntry } from "./lock.ts";

/** `signed 2026-09-02 by 27EDEAF2… (Daniel Stenberg)` or `not signed: why` */
export function describeSignature({ signature }: SourceCandidate, { keys }: SourceEntry): string {
  if (signature === undefined) return "not signed: nobody has looked yet";
  if ("missing" in signature) return `not signed: ${signature.missing}`;
  const { keyFingerprint, made } = signature;
  return `signed ${made} by ${keyFingerprint} (${keys?.[keyFingerprint] ?? "unknown"})`;
}
