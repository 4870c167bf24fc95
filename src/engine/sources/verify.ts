import { existsSync } from "node:fs";
import { type Emit, HadronError, type Sha256, sha256OfFile, silent } from "../../base/mod.ts";
import { blobPath } from "./blob.ts";
import { lockPosition, type SourceLock, sourceEntry, sourceNames } from "./lock.ts";

export interface VerifiedSource {
  name: string;
  sha256: Sha256;
  path: string;
  outcome: "good" | "damaged" | "absent";
}

/** Reads every blob in the store that the lock names and compares its digest. Damaged ones are listed, not removed. */
export async function verifySources(options: {
  lock: SourceLock;
  cacheRoot: string;
  names?: readonly string[] | undefined;
  emit?: Emit | undefined;
}): Promise<VerifiedSource[]> {
  const { lock, cacheRoot, emit = silent } = options;
  const verified: VerifiedSource[] = [];
  for (const name of options.names ?? sourceNames(lock))
    for (const { sha256 } of sourceEntry(name, lock).candidates) {
      const path = blobPath(cacheRoot, sha256);
      const outcome = !existsSync(path) ? "absent" : (await sha256OfFile(path)) === sha256 ? "good" : "damaged";
      if (outcome === "damaged")
        emit({ type: "warning", code: "SOURCE_DIGEST", message: `The source "${name}" in "${path}" is damaged` });
      verified.push({ name, sha256, path, outcome });
    }
  return verified;
}

/** @throws HadronError `SOURCE_DIGEST` if one is damaged. */
export function refuseDamagedSources(verified: readonly VerifiedSource[]): void {
  const damaged = verified.filter(({ outcome }) => outcome === "damaged");
  const [first] = damaged;
  if (first === undefined) return;
  throw new HadronError(`Damaged in the store: ${damaged.map(({ name, path }) => `"${name}" (${path})`).join(", ")}`, {
    kind: "store",
    code: "SOURCE_DIGEST",
    at: lockPosition(first.name),
    hint: `Remove the damaged files and fetch them again: rm ${damaged.map(({ path }) => path).join(" ")} && hadron sources fetch`,
  });
}
