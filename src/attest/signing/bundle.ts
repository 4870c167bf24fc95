import { z } from "zod";
import type { PublicKey } from "../keys/public-key.ts";
import type { SigningKey } from "../keys/signing-key.ts";
import { openEnvelope, type Stated, signStatement } from "./dsse.ts";
import { parseJson } from "./parse-json.ts";

/** Sigstore bundle 0.3, with a key instead of a certificate, and in no transparency log. */
export const bundleMediaType = "application/vnd.dev.sigstore.bundle.v0.3+json";

/** What cosign 3 states when it signs an image. */
export const signatureType = "https://sigstore.dev/cosign/sign/v1";

/** A bundle with a signed statement: what is attached to images, and lies beside files for what is attested of them. */
export async function statementBundle(statement: Uint8Array, key: SigningKey): Promise<Buffer> {
  const { payload, payloadType, signatures } = await signStatement(statement, key);
  const dsseEnvelope = { payload, payloadType, signatures: signatures.map(({ sig }) => ({ sig })) };
  return bundle(key.publicKey, { dsseEnvelope });
}

/** A bundle with the signature of a file. @param sha256 Of the file, hexadecimal */
export async function fileBundle(content: AsyncIterable<Uint8Array>, key: SigningKey, sha256: string): Promise<Buffer> {
  return bundle(key.publicKey, {
    messageSignature: {
      messageDigest: { algorithm: "SHA2_256", digest: Buffer.from(sha256, "hex").toString("base64") },
      signature: (await key.sign(content)).toString("base64"),
    },
  });
}

function bundle({ hint }: PublicKey, content: object): Buffer {
  return Buffer.from(
    JSON.stringify({ mediaType: bundleMediaType, verificationMaterial: { publicKey: { hint } }, ...content }),
  );
}

const shape = z.object({
  mediaType: z.literal(bundleMediaType),
  verificationMaterial: z.object({ publicKey: z.object({ hint: z.string().optional() }).optional() }).optional(),
  dsseEnvelope: z.unknown().optional(),
  messageSignature: z.object({ signature: z.base64() }).optional(),
});

/** What is in a bundle and made by one of the keys; undefined for all else. */
export function openStatementBundle(bytes: Uint8Array, keys: readonly PublicKey[]): Stated | undefined {
  const { data } = shape.safeParse(parseJson(bytes));
  return data && openEnvelope(data.dsseEnvelope, keys);
}

/** The signature of a file that is in a bundle; undefined where none is. */
export function signatureInBundle(bytes: Uint8Array): Buffer | undefined {
  const signature = shape.safeParse(parseJson(bytes)).data?.messageSignature?.signature;
  return signature === undefined ? undefined : Buffer.from(signature, "base64");
}

/** What names the key that a bundle says it is by, which only its signature proves; undefined where it names none. */
export function hintInBundle(bytes: Uint8Array): string | undefined {
  return shape.safeParse(parseJson(bytes)).data?.verificationMaterial?.publicKey?.hint;
}
