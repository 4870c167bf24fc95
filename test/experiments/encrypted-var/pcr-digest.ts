import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";

/** Policies of `policies.json` for PCR 11, SHA-256: the digest, and what it is for. */
interface Policies {
  sha256: { pol: string; ref?: string }[];
}

/**
 * Whether a value of PCR 11 is one that the build foretold, in whatever phase of the boot.
 * @param value Hexadecimal, as sysfs shows it
 */
export async function isForetold(value: string, policies: string): Promise<boolean> {
  const { sha256 } = JSON.parse(await readFile(policies, "utf8")) as Policies;
  const pol = policyOf(Buffer.from(value, "hex"));
  return sha256.some((policy) => policy.ref === undefined && policy.pol === pol);
}

/** TPM 2.0 Library, part 3, TPM2_PolicyPCR: over no policy before, the command, the selection (one: SHA-256, three bytes, bit 11), the value's digest. */
function policyOf(value: Buffer): string {
  const digest = (bytes: Buffer) => createHash("sha256").update(bytes).digest();
  const command = "0000017f";
  const selection = `00000001${"000b"}${"03"}${"000800"}`;
  return digest(Buffer.concat([Buffer.alloc(32), Buffer.from(command + selection, "hex"), digest(value)])).toString(
    "hex",
  );
}
