import { resolve } from "node:path";
import { type Chain, chainOf, type PublicKey, type Verified, verifyFile, verifyImage } from "../../attest/mod.ts";
import { HadronError } from "../../base/mod.ts";
import { attestationWords } from "../attestations.ts";
import { defineCommand } from "../command.ts";
import { isFile, openArtifact } from "../open-artifact.ts";
import { registryOptions } from "../registry-options.ts";
import { renderChain } from "../render-chain.ts";
import { assertSigned, readTrustedKeys } from "../trusted-keys.ts";

interface Data extends Chain {
  artifact: string;
  sha256: string;
  /** Why what else is there does not count. */
  worthless: string[];
}

export const command = defineCommand("verify", {
  run: async (input, context): Promise<Data> => {
    if (input.key.length === 0) throw noKey();
    const keys = await readTrustedKeys(input.key, input);
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

/** @throws HadronError `SIGNATURE_MISSING`, `SIGNATURE_BAD` */
function judged(
  verified: Verified,
  { artifact, sha256 }: { artifact: string; sha256: string },
  keys: readonly PublicKey[],
): Data {
  assertSigned(verified, artifact, keys);
  return { artifact, sha256, ...chainOf(verified, keys), worthless: verified.worthless };
}

function noKey(): HadronError {
  return new HadronError("No key is named that is trusted", {
    kind: "usage",
    code: "USAGE_OPTION",
    hint: "Give --key FILE.pub, or name files in HADRON_VERIFY_KEYS",
  });
}
