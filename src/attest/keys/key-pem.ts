import { HadronError } from "../../base/mod.ts";
import { isDay } from "./day.ts";

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
const validity = /^Valid-Until: *(.*)$/;

/** @throws HadronError `KEY_MALFORMED` */
export function parseKeyPem(text: string, at: string): KeyPem {
  const lines = text.replaceAll("\r\n", "\n");
  const found = block.exec(lines);
  if (!found?.[1]) throw malformedKey(at, "it holds no key in PEM form");
  const header = lines.slice(0, lines.indexOf("-----BEGIN")).split("\n");
  const [line, ...others] = header.filter((one) => one.trim() !== "");
  const until = validity.exec(line ?? "")?.[1]?.trim();
  // One that is written wrong would be a key without an end.
  const unknown = line !== undefined && until === undefined ? line : others[0];
  if (unknown !== undefined)
    throw malformedKey(at, `before the key stands "${unknown}"; known is one line "Valid-Until: YYYY-MM-DD"`);
  if (until !== undefined && !isDay(until))
    throw malformedKey(at, `"Valid-Until: ${until}" is no day, such as 2027-01-31`);
  return { label: found[1], pem: `${found[0]}\n`, ...(until === undefined ? {} : { validUntil: until }) };
}

export function formatKeyPem({ pem, validUntil }: Pick<KeyPem, "pem" | "validUntil">): string {
  return validUntil === undefined ? pem : `Valid-Until: ${validUntil}\n${pem}`;
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
