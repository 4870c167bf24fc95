import cloud from "../../../images/cloud.ts";
import { image } from "../../../src/rootfs/mod.ts";

const { position, ...fields } = cloud;

/** The cloud image with /var bound to the TPM. */
export const encrypted = image({ ...fields, name: "encrypted-var", varEncryption: "tpm2" });

/** As an update would be: the same root, but another command line, so another PCR 11. */
export const updated = image({
  ...fields,
  name: "encrypted-var",
  varEncryption: "tpm2",
  commandLine: [...fields.commandLine, "hadron.experiment=updated"],
});
