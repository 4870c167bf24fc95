import { HadronError } from "../../base/mod.ts";

/** A key as text: what RFC 7468 lets stand before the block, and the block itself. */
export interface KeyPem {
  /** Such as `PUBLIC KEY`. */
  label: string;
  /** The block, which is all that other programs read. */
  pem: string;
  /** The last day on which it may be used, ISO 8601; undefined where it has no end. */
  validUntil?: string;
}

const block = /-----BEGIN ([A-Z ]+)-----\n[A-Za-z0-9+/=\s]+-----END \1-----/;
const validity = /^Valid-Until: *(.*)$/m;

/** @throws HadronError `KEY_MALFORMED` */
export function parseKeyPem(text: string, at: string): KeyPem {
  const found = block.exec(text.replaceAll("\r\n", "\n"));
  if (!found?.[1]) throw malformedKey(at, "it holds no key in PEM form");
  const until = validity.exec(text.slice(0, text.indexOf("-----BEGIN")))?.[1]?.trim();
  if (until !== undefined && !isDay(until))
    throw malformedKey(at, `"Valid-Until: ${until}" is no day, such as 2027-01-31`);
  return { label: found[1], pem: `${found[0]}\n`, ...(until === undefined ? {} : { validUntil: until }) };
}

export function formatKeyPem({ pem, validUntil }: Pick<KeyPem, "pem" | "validUntil">): string {
  return validUntil === undefined ? pem : `Valid-Until: ${validUntil}\n${pem}`;
}

function isDay(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

export function malformedKey(at: string, why: string, cause?: unknown): HadronError {
  return new HadronError(`The key "${at}" can't be used: ${why}`, {
    kind: "input",
    code: "KEY_MALFORMED",
    at,
    hint: "Keys are ECDSA on P-256 in PEM form: private ones as PKCS#8, public ones as SubjectPublicKeyInfo",
    ...(cause === undefined ? {} : { cause }),
  });
}
