import type { Subject } from "../../oci/mod.ts";
import type { PublicKey } from "../keys/public-key.ts";
import { bundleMediaType, openStatementBundle, signatureType } from "./bundle.ts";
import { readTag, signatureAnnotation } from "./cosign-tag.ts";
import { openEnvelope, type Stated } from "./dsse.ts";
import { parseJson } from "./parse-json.ts";
import type { SignatureForm } from "./sign-image.ts";
import { simpleSigningDigest } from "./simple-signing.ts";

/** What keys vouch for. */
export interface Verified {
  /** Signatures of the artifact itself. */
  signatures: { key: PublicKey; form: SignatureForm }[];
  /** What was stated of it, each statement once. */
  attestations: Stated[];
  /** Why what else is there does not count, a sentence each. */
  worthless: string[];
}

/** Looks through all signatures of an image. What is by none of the keys, or of another image, does not count. */
export async function verifyImage(subject: Subject, keys: readonly PublicKey[]): Promise<Verified> {
  const verified: Verified = { signatures: [], attestations: [], worthless: [] };
  await readTagSignatures(subject, keys, verified);
  for (const { blob } of await readTag(subject, "att"))
    addStatement(openEnvelope(parseJson(blob.bytes), keys), subject, { form: "tag", verified });
  for (const manifest of await subject.attached(bundleMediaType)) {
    const [, layer] = manifest.blobs;
    if (layer === undefined) continue;
    addStatement(openStatementBundle(await subject.read(layer), keys), subject, { form: "bundle", verified });
  }
  return verified;
}

async function readTagSignatures(subject: Subject, keys: readonly PublicKey[], verified: Verified): Promise<void> {
  for (const { blob, annotations } of await readTag(subject, "sig")) {
    const signature = Buffer.from(annotations[signatureAnnotation] ?? "", "base64");
    const key = keys.find((one) => one.verify(blob.bytes, signature));
    const digest = simpleSigningDigest(blob.bytes);
    if (key === undefined) verified.worthless.push("A signature (tag) is by none of the keys, or damaged");
    else if (digest !== subject.descriptor.digest)
      verified.worthless.push(`A signature (tag) by ${key.fingerprint} is of another image, ${digest}`);
    else verified.signatures.push({ key, form: "tag" });
  }
}

/** What is stated counts if it is of this very artifact, and of no other beside it: nobody signs two at a time here. */
export function addStatement(
  stated: Stated | undefined,
  subject: Pick<Subject, "descriptor">,
  { form, verified }: { form: SignatureForm; verified: Verified },
): void {
  const sha256 = subject.descriptor.digest.slice("sha256:".length);
  if (stated === undefined) {
    verified.worthless.push(`A statement (${form}) is by none of the keys, or damaged`);
    return;
  }
  const { statement, key, payload } = stated;
  const [first, ...others] = statement.subject;
  if (others.length > 0)
    verified.worthless.push(
      `A statement (${form}) by ${key.fingerprint} is of several artifacts, not of this one alone`,
    );
  else if (first?.digest?.sha256 !== sha256)
    verified.worthless.push(`A statement (${form}) by ${key.fingerprint} is of another artifact`);
  else if (statement.predicateType === signatureType) verified.signatures.push({ key, form });
  else if (!verified.attestations.some((one) => one.key === key && one.payload.equals(payload)))
    verified.attestations.push(stated);
}
