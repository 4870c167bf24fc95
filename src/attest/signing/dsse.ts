import { z } from "zod";
import type { PublicKey } from "../keys/public-key.ts";
import type { SigningKey } from "../keys/signing-key.ts";
import type { Statement } from "../provenance/statement.ts";
import { parseJson } from "./parse-json.ts";

/** Dead Simple Signing Envelope 1.0. Bytes are in Base64. */
export interface Envelope {
  payloadType: string;
  payload: string;
  signatures: { keyid?: string | undefined; sig: string }[];
}

export const statementMediaType = "application/vnd.in-toto+json";

/** @param statement The very bytes that are signed */
export async function signStatement(statement: Uint8Array, key: SigningKey): Promise<Envelope> {
  const sig = await key.sign(authenticated(statementMediaType, statement));
  const payload = Buffer.from(statement).toString("base64");
  return { payloadType: statementMediaType, payload, signatures: [{ keyid: "", sig: sig.toString("base64") }] };
}

const envelope = z.object({
  payloadType: z.literal(statementMediaType),
  payload: z.base64(),
  signatures: z.array(z.object({ keyid: z.string().optional(), sig: z.base64() })).min(1),
});
// What is read of it; version 0.1 differs in nothing of that.
const statement = z.object({
  _type: z.enum(["https://in-toto.io/Statement/v1", "https://in-toto.io/Statement/v0.1"]),
  subject: z
    .array(z.object({ name: z.string().optional(), digest: z.record(z.string(), z.string()).optional() }))
    .min(1),
  predicateType: z.string(),
  predicate: z.unknown(),
});

/** What somebody stated, and the key by which they did. */
export interface Stated {
  statement: Statement;
  key: PublicKey;
  /** The bytes that are signed. */
  payload: Buffer;
}

/** An envelope with a statement, by whomever; undefined for all else. */
export function readEnvelope(value: unknown): Envelope | undefined {
  return envelope.safeParse(value).data;
}

/** What is in an envelope; undefined where it is none with a statement, or by none of the keys. */
export function openEnvelope(value: unknown, keys: readonly PublicKey[]): Stated | undefined {
  const read = readEnvelope(value);
  if (read === undefined) return undefined;
  const payload = Buffer.from(read.payload, "base64");
  const signed = authenticated(read.payloadType, payload);
  const made = read.signatures.map(({ sig }) => Buffer.from(sig, "base64"));
  const key = keys.find((one) => made.some((signature) => one.verify(signed, signature)));
  const { data } = statement.safeParse(parseJson(payload));
  return key === undefined || data === undefined ? undefined : { statement: data as Statement, key, payload };
}

/** Pre-authentication encoding: lengths are of bytes. */
export function authenticated(payloadType: string, payload: Uint8Array): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.length} `;
  return Buffer.concat([Buffer.from(head), payload]);
}
