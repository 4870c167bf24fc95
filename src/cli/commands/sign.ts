import { basename, resolve } from "node:path";
import { type SignatureForm, type Signed, signFile, signImage } from "../../attest/mod.ts";
import { HadronError, sha256OfFile } from "../../base/mod.ts";
import type { Subject } from "../../oci/mod.ts";
import { renderFacts, renderTable } from "../../report/mod.ts";
import { attestationsAttached, attestationsBeside } from "../attestations.ts";
import { defineCommand } from "../command.ts";
import { isFile, openArtifact } from "../open-artifact.ts";
import { openSigningKey } from "../open-key.ts";
import { registryOptions } from "../registry-options.ts";

interface Data {
  artifact: string;
  sha256: string;
  fingerprint: string;
  signed: (Signed & { path?: string })[];
}

const forms: Record<"all" | SignatureForm, readonly SignatureForm[]> = {
  all: ["tag", "bundle"],
  tag: ["tag"],
  bundle: ["bundle"],
};

/** A tag in a layout would be one image more, and stay behind when the other goes to a registry. */
function formsFor({ kind, name }: Subject, form: keyof typeof forms): readonly SignatureForm[] {
  if (kind === "registry") return forms[form];
  if (form !== "tag") return forms.bundle;
  throw new HadronError(`"${name}" is a layout, and signatures as tags are for registries`, {
    kind: "usage",
    code: "USAGE_OPTION",
    hint: "Push it and sign it there, or use --form bundle",
  });
}

export const command = defineCommand("sign", {
  run: async (input, context): Promise<Data> => {
    const key = await openSigningKey(input, context);
    const { fingerprint } = key.publicKey;
    if (await isFile(input.artifact)) {
      const artifact = resolve(input.artifact);
      const sha256 = await sha256OfFile(artifact);
      const attestations = await attestationsBeside(artifact, { name: basename(artifact), sha256 });
      return { artifact, sha256, fingerprint, signed: await signFile(artifact, key, attestations) };
    }
    using subject = await openArtifact(input.artifact, "push", await registryOptions(input, context));
    const sha256 = subject.descriptor.digest.slice("sha256:".length);
    const attestations = await attestationsAttached(subject, { name: subject.place, sha256 });
    const signed = await signImage(subject, key, { forms: formsFor(subject, input.form), attestations });
    return { artifact: subject.name, sha256, fingerprint, signed };
  },
  render: ({ artifact, fingerprint, signed }) =>
    `${renderFacts({ artifact, "signed by": fingerprint })}\n${renderTable(
      ["WHAT", "FORM", ""],
      signed.map(({ what, form, wasThere }) => [what, form, wasThere ? "was signed before" : "signed"]),
    )}`,
});
