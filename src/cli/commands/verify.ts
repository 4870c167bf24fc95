import { resolve } from "node:path";
import {
  assertUsable,
  type Chain,
  chainOf,
  type PublicKey,
  readPublicKey,
  type Verified,
  verifyFile,
  verifyImage,
} from "../../attest/mod.ts";
import { HadronError } from "../../base/mod.ts";
import { attestationWords } from "../attestations.ts";
import { defineCommand } from "../command.ts";
import { isFile, openArtifact } from "../open-artifact.ts";
import { registryOptions } from "../registry-options.ts";
import { renderChain } from "../render-chain.ts";

interface Data extends Chain {
  artifact: string;
  sha256: string;
  /** Why what else is there does not count. */
  worthless: string[];
}

export const command = defineCommand("verify", {
  run: async (input, context): Promise<Data> => {
    const keys = await readKeys(input.key, input.allowTestKey);
    if (await isFile(input.artifact)) {
      const artifact = resolve(input.artifact);
      const { sha256, ...verified } = await verifyFile(artifact, keys, attestationWords);
      return judged(verified, { artifact, sha256 }, keys);
    }
    using subject = await openArtifact(input.artifact, "pull", await registryOptions(input, context));
    const sha256 = subject.descriptor.digest.slice("sha256:".length);
    const data = judged(await verifyImage(subject, keys), { artifact: subject.name, sha256 }, keys);
    // What is signed is a manifest: of a layout, all that it names is here and may have been changed.
    await subject.check();
    return data;
  },
  render: renderChain,
});

async function readKeys(paths: readonly string[], allowTestKey: boolean): Promise<PublicKey[]> {
  if (paths.length === 0)
    throw new HadronError("No key is named that is trusted", {
      kind: "usage",
      code: "USAGE_OPTION",
      hint: "Give --key FILE.pub, or name files in HADRON_VERIFY_KEYS",
    });
  const keys: PublicKey[] = [];
  for (const path of paths) {
    const key = await readPublicKey(path);
    assertUsable(key, { now: Date.now(), allowTestKey });
    keys.push(key);
  }
  return keys;
}

/** @throws HadronError `SIGNATURE_MISSING`, `SIGNATURE_BAD` where none of the signatures counts */
function judged(
  verified: Verified,
  { artifact, sha256 }: { artifact: string; sha256: string },
  keys: readonly PublicKey[],
): Data {
  const { worthless } = verified;
  if (verified.signatures.length > 0) return { artifact, sha256, ...chainOf(verified, keys), worthless };
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
