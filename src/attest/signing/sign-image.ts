import { type Subject, smallBlob } from "../../oci/mod.ts";
import type { SigningKey } from "../keys/signing-key.ts";
import { type Statement, statementType } from "../provenance/statement.ts";
import { bundleMediaType, openStatementBundle, signatureType, statementBundle } from "./bundle.ts";
import { readTag, signatureAnnotation, type TagEntry, writeTag } from "./cosign-tag.ts";
import { openEnvelope, type Stated, signStatement } from "./dsse.ts";
import { parseJson } from "./parse-json.ts";
import { simpleSigningDigest, simpleSigningMediaType, simpleSigningPayload } from "./simple-signing.ts";

/** How signatures are found: by the tags of cosign 2, or as Sigstore bundles attached to the image, as cosign 3 has them. */
export type SignatureForm = "tag" | "bundle";

/** What is signed beside the image itself, as the bytes of an in-toto statement. */
export interface Attestation {
  predicateType: string;
  statement: Uint8Array;
}

export interface Signed {
  form: SignatureForm;
  /** `signature`, or the predicate's type. */
  what: string;
  /** Whether it was signed by this key before, so that nothing was added. */
  wasThere: boolean;
}

/**
 * Signs an image and what is attested of it. What this key has signed already is not signed again.
 * @throws what registries throw
 */
export async function signImage(
  subject: Subject,
  key: SigningKey,
  { forms, attestations }: { forms: readonly SignatureForm[]; attestations: readonly Attestation[] },
): Promise<Signed[]> {
  const signed: Signed[] = [];
  if (forms.includes("tag")) {
    signed.push(await tagSignature(subject, key));
    signed.push(...(await tagAttestations(subject, key, attestations)));
  }
  if (forms.includes("bundle")) signed.push(...(await bundles(subject, key, [signature(subject), ...attestations])));
  return signed;
}

async function tagSignature(subject: Subject, key: SigningKey): Promise<Signed> {
  const entries = await readTag(subject, "sig");
  const { digest } = subject.descriptor;
  const wasThere = entries.some(
    ({ blob, annotations }) =>
      simpleSigningDigest(blob.bytes) === digest &&
      key.publicKey.verify(blob.bytes, Buffer.from(annotations[signatureAnnotation] ?? "", "base64")),
  );
  if (!wasThere) {
    const blob = smallBlob(simpleSigningPayload(subject.place, digest), simpleSigningMediaType);
    const made = (await key.sign(blob.bytes)).toString("base64");
    await writeTag(subject, "sig", [...entries, { blob, annotations: { [signatureAnnotation]: made } }]);
  }
  return { form: "tag", what: "signature", wasThere };
}

const envelopeMediaType = "application/vnd.dsse.envelope.v1+json";

async function tagAttestations(
  subject: Subject,
  key: SigningKey,
  attestations: readonly Attestation[],
): Promise<Signed[]> {
  const entries = await readTag(subject, "att");
  const added: TagEntry[] = [];
  const signed = [];
  for (const { predicateType, statement } of attestations) {
    const wasThere = entries.some(({ blob }) => isOf(openEnvelope(parseJson(blob.bytes), [key.publicKey]), statement));
    signed.push({ form: "tag", what: predicateType, wasThere } as const);
    if (wasThere) continue;
    const blob = smallBlob(Buffer.from(JSON.stringify(await signStatement(statement, key))), envelopeMediaType);
    added.push({ blob, annotations: { [signatureAnnotation]: "", predicateType } });
  }
  if (added.length > 0) await writeTag(subject, "att", [...entries, ...added]);
  return signed;
}

async function bundles(subject: Subject, key: SigningKey, attestations: readonly Attestation[]): Promise<Signed[]> {
  const known = [];
  for (const manifest of await subject.attached(bundleMediaType)) {
    const [, layer] = manifest.blobs;
    if (layer) known.push(openStatementBundle(await subject.read(layer), [key.publicKey]));
  }
  const signed: Signed[] = [];
  for (const { predicateType, statement } of attestations) {
    const wasThere = known.some((one) => isOf(one, statement));
    const what = predicateType === signatureType ? "signature" : predicateType;
    signed.push({ form: "bundle", what, wasThere });
    if (wasThere) continue;
    await subject.attach({
      artifactType: bundleMediaType,
      mediaType: bundleMediaType,
      bytes: await statementBundle(statement, key),
      annotations: {
        "dev.sigstore.bundle.content": "dsse-envelope",
        "dev.sigstore.bundle.predicateType": predicateType,
      },
    });
  }
  return signed;
}

/** What cosign 3 states of an image when it signs it. */
function signature({ descriptor }: Subject): Attestation {
  const sha256 = descriptor.digest.slice("sha256:".length);
  const statement: Statement = {
    _type: statementType,
    subject: [{ digest: { sha256 }, annotations: {} }],
    predicateType: signatureType,
    predicate: {},
  };
  return { predicateType: signatureType, statement: Buffer.from(JSON.stringify(statement)) };
}

function isOf(opened: Stated | undefined, statement: Uint8Array): boolean {
  return opened?.payload.equals(statement) === true;
}
