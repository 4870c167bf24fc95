import { existsSync } from "node:fs";
import { type Emit, HadronError, programName, type Sha256, sha256OfFile, silent } from "../../base/mod.ts";
import { blobPath } from "./blob.ts";
import { lockPosition, type SourceCandidate, type SourceLock, sourceEntry, sourceNames } from "./lock.ts";
import { keysFile, readSignatureFile, signatureFile, signatureFolder } from "./signature-files.ts";
import { checkFile } from "./upstream-signature.ts";

export interface VerifiedSource {
  name: string;
  sha256: Sha256;
  path: string;
  outcome: "good" | "damaged" | "absent";
  /** Whether upstream's signature, as kept beside the lock, is good and by the pinned key; not there where the lock names none. */
  signature?: "good" | "bad";
}

/**
 * Reads every blob in the store that the lock names and compares its digest, and upstream's signature of it. Damaged ones are listed,
 * not removed. Needs no network.
 */
export async function verifySources(options: {
  lock: SourceLock;
  cacheRoot: string;
  names?: readonly string[] | undefined;
  /** Where signatures and keys are kept; default: {@link signatureFolder}. */
  folder?: string | undefined;
  emit?: Emit | undefined;
}): Promise<VerifiedSource[]> {
  const { lock, cacheRoot, folder = signatureFolder, emit = silent } = options;
  const verified: VerifiedSource[] = [];
  for (const name of options.names ?? sourceNames(lock)) {
    const { version, candidates } = sourceEntry(name, lock);
    for (const candidate of candidates) {
      const { sha256 } = candidate;
      const path = blobPath(cacheRoot, sha256);
      const outcome = !existsSync(path) ? "absent" : (await sha256OfFile(path)) === sha256 ? "good" : "damaged";
      if (outcome === "damaged")
        emit({ type: "warning", code: "SOURCE_DIGEST", message: `The source "${name}" in "${path}" is damaged` });
      const signature = outcome === "good" ? await recheck(candidate, { name, version, path, folder }) : undefined;
      if (signature === "bad")
        emit({
          type: "warning",
          code: "SOURCE_SIGNATURE_BAD",
          message: `Upstream's signature of "${name}" is not good`,
        });
      verified.push({ name, sha256, path, outcome, ...(signature === undefined ? {} : { signature }) });
    }
  }
  return verified;
}

/** Undefined where the lock names no signature. */
async function recheck(
  candidate: SourceCandidate,
  { name, version, path, folder }: { name: string; version: string; path: string; folder: string },
): Promise<"good" | "bad" | undefined> {
  const { signature: pinned, places } = candidate;
  if (pinned === undefined || "missing" in pinned) return undefined;
  const signature = await readSignatureFile(folder, signatureFile(candidate, name, version));
  const keys = await readSignatureFile(folder, keysFile(name));
  if (signature === undefined || keys === undefined) return "bad";
  const verdict = await checkFile(signature, [keys], { path, name: places[0] ?? "" });
  return verdict.outcome === "good" && verdict.keyFingerprint === pinned.keyFingerprint ? "good" : "bad";
}

/** @throws HadronError `SOURCE_DIGEST` if one is damaged, `SOURCE_SIGNATURE_BAD` if a signature is not good. */
export function refuseDamagedSources(verified: readonly VerifiedSource[]): void {
  const unsigned = verified.filter(({ signature }) => signature === "bad").map(({ name }) => name);
  if (unsigned[0] !== undefined)
    throw new HadronError(`Upstream's signatures are not good, or lost: ${unsigned.join(", ")}`, {
      kind: "input",
      code: "SOURCE_SIGNATURE_BAD",
      at: lockPosition(unsigned[0]),
      hint: "Take sources.lock.json and signatures/ from version control, both of one commit",
    });
  const damaged = verified.filter(({ outcome }) => outcome === "damaged");
  const [first] = damaged;
  if (first === undefined) return;
  throw new HadronError(`Damaged in the store: ${damaged.map(({ name, path }) => `"${name}" (${path})`).join(", ")}`, {
    kind: "store",
    code: "SOURCE_DIGEST",
    at: lockPosition(first.name),
    hint: `Remove the damaged files and fetch them again: rm ${damaged.map(({ path }) => path).join(" ")} && ${programName()} sources fetch`,
  });
}
