import { createHash, createPublicKey, type KeyObject, sign } from "node:crypto";
import { HadronError } from "../base/mod.ts";
import {
  der,
  derExplicit,
  derInteger,
  derObjectIdentifier,
  derSequence,
  derSet,
  derTag,
  readDer,
  readDerValues,
} from "./der.ts";

/** Object identifiers, RFC 5280 and RFC 8017. */
const oids = {
  commonName: "2.5.4.3",
  sha512WithRsa: "1.2.840.113549.1.1.13",
  subjectKeyIdentifier: "2.5.29.14",
  keyUsage: "2.5.29.15",
  basicConstraints: "2.5.29.19",
  authorityKeyIdentifier: "2.5.29.35",
} as const;

/** RFC 5280, 4.1.2.5: the time for a certificate that has no end. */
export const noExpiry: Date = new Date("9999-12-31T23:59:59Z");

const none = der(derTag.null);
const yes = Buffer.from([0x01, 0x01, 0xff]);

/**
 * A certificate (X.509, version 3) for an RSA key that signs code and vouches for itself: no authority, key usage
 * "digitalSignature", as the kernel's certs/default_x509.genkey asks for.
 * @param options.serial At most 20 octets (RFC 5280, 4.1.2.2), most significant first
 * @returns DER
 */
export function selfSignedCertificate(
  privateKey: KeyObject,
  options: { commonName: string; serial: Uint8Array; notBefore: Date; notAfter: Date },
): Buffer {
  const algorithm = derSequence(derObjectIdentifier(oids.sha512WithRsa), none);
  const name = derSequence(
    derSet(derSequence(derObjectIdentifier(oids.commonName), der(derTag.utf8String, Buffer.from(options.commonName)))),
  );
  const publicKey = createPublicKey(privateKey).export({ type: "spki", format: "der" });
  const identifier = keyIdentifier(publicKey);
  const body = derSequence(
    derExplicit(0, derInteger(Buffer.from([2]))),
    derInteger(options.serial),
    algorithm,
    name,
    derSequence(time(options.notBefore), time(options.notAfter)),
    name,
    publicKey,
    derExplicit(
      3,
      derSequence(
        // "No authority" is the default, and is therefore not written.
        extension(oids.basicConstraints, derSequence(), { isCritical: true }),
        // The first bit, of eight with seven unused.
        extension(oids.keyUsage, der(derTag.bitString, Buffer.from([7, 0x80])), { isCritical: true }),
        extension(oids.subjectKeyIdentifier, der(derTag.octetString, identifier)),
        extension(oids.authorityKeyIdentifier, derSequence(der(0x80, identifier))),
      ),
    ),
  );
  return derSequence(body, algorithm, der(derTag.bitString, Buffer.from([0]), sign("sha512", body, privateKey)));
}

/** How messages name a certificate's owner; both are DER values. */
export interface IssuerAndSerial {
  issuer: Buffer;
  serial: Buffer;
}

/**
 * @param certificate DER
 * @throws HadronError `CERTIFICATE_INVALID`, `DER_INVALID`
 */
export function issuerAndSerialOf(certificate: Uint8Array): IssuerAndSerial {
  const [body] = readDerValues(readDer(certificate).content);
  const fields = readDerValues(body?.content ?? Buffer.alloc(0));
  // The version comes first where it is not 1.
  const [serial, , issuer] = fields[0]?.tag === 0xa0 ? fields.slice(1) : fields;
  if (serial?.tag === derTag.integer && issuer?.tag === derTag.sequence)
    return { issuer: issuer.whole, serial: serial.whole };
  throw new HadronError("Could not read what should be a certificate: it has no serial number or no issuer", {
    kind: "input",
    code: "CERTIFICATE_INVALID",
    hint: "Give an X.509 certificate (RFC 5280)",
  });
}

/** RFC 5280, 4.2.1.2, method 1. */
function keyIdentifier(publicKey: Uint8Array): Buffer {
  const [, bits] = readDerValues(readDer(publicKey).content);
  return createHash("sha1")
    .update(bits?.content.subarray(1) ?? "")
    .digest();
}

function extension(oid: string, value: Uint8Array, { isCritical = false } = {}): Buffer {
  return derSequence(derObjectIdentifier(oid), ...(isCritical ? [yes] : []), der(derTag.octetString, value));
}

/** RFC 5280, 4.1.2.5: two digits of the year until 2049, four from then on; seconds, no fraction. */
function time(date: Date): Buffer {
  const digits = date
    .toISOString()
    .replace(/\.\d+Z$/, "Z")
    .replace(/[-:T]/g, "");
  return date.getUTCFullYear() < 2050
    ? der(derTag.utcTime, Buffer.from(digits.slice(2)))
    : der(derTag.generalizedTime, Buffer.from(digits));
}
