import { assertUsable, type PublicKey, readPublicKey, type Verified } from "../attest/mod.ts";
import { HadronError } from "../base/mod.ts";

/** Public keys that the command line names. @throws HadronError `KEY_…` */
export async function readTrustedKeys(
  paths: readonly string[],
  { allowTestKey }: { allowTestKey: boolean },
): Promise<PublicKey[]> {
  const keys: PublicKey[] = [];
  for (const path of paths) {
    const key = await readPublicKey(path);
    assertUsable(key, { now: Date.now(), allowTestKey });
    keys.push(key);
  }
  return keys;
}

/** @throws HadronError `SIGNATURE_MISSING`, `SIGNATURE_BAD` where none of the signatures counts */
export function assertSigned({ signatures, worthless }: Verified, artifact: string, keys: readonly PublicKey[]): void {
  if (signatures.length > 0) return;
  const isSigned = worthless.length > 0;
  throw new HadronError(
    isSigned
      ? `"${artifact}" is not signed by any of the keys: ${keys.map(({ fingerprint }) => fingerprint).join(", ")}`
      : `"${artifact}" is not signed`,
    {
      kind: "input",
      code: isSigned ? "SIGNATURE_BAD" : "SIGNATURE_MISSING",
      at: artifact,
      hint: "Don't use it before you know where it comes from",
      ...(isSigned ? { detail: worthless.join("\n") } : {}),
    },
  );
}
