import { constants, type KeyObject, sign, verify, X509Certificate } from "node:crypto";
import { HadronError } from "../base/mod.ts";
import {
  type DerValue,
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
import { issuerAndSerialOf } from "./x509.ts";

/** Object identifiers, RFC 5652 and RFC 8017. */
const oids = {
  data: derObjectIdentifier("1.2.840.113549.1.7.1"),
  signedData: derObjectIdentifier("1.2.840.113549.1.7.2"),
  rsa: derObjectIdentifier("1.2.840.113549.1.1.1"),
  sha512WithRsa: derObjectIdentifier("1.2.840.113549.1.1.13"),
  sha512: derObjectIdentifier("2.16.840.1.101.3.4.2.3"),
} as const;

const none = der(derTag.null);
const versionOne = derInteger(Buffer.from([1]));
const digest = derSequence(oids.sha512);
const padding = constants.RSA_PKCS1_PADDING;

/** Whose signature it is. */
export interface CmsSigner {
  /** DER. */
  certificate: Uint8Array;
  /** RSA, the one that the certificate is of. */
  privateKey: KeyObject;
}

/**
 * A detached signature (CMS SignedData, RFC 5652): SHA-512, RSA with PKCS #1 v1.5, no signed attributes, no certificate inside,
 * the signer named by issuer and serial number. It is what the kernel's scripts/sign-file makes, and the same at each time.
 * @returns DER
 */
export function signDetached(data: Uint8Array, { certificate, privateKey }: CmsSigner): Buffer {
  const { issuer, serial } = issuerAndSerialOf(certificate);
  const signature = sign("sha512", data, { key: privateKey, padding });
  const signer = derSequence(
    versionOne,
    derSequence(issuer, serial),
    digest,
    derSequence(oids.rsa, none),
    der(derTag.octetString, signature),
  );
  return derSequence(
    oids.signedData,
    derExplicit(0, derSequence(versionOne, derSet(digest), derSequence(oids.data), derSet(signer))),
  );
}

/**
 * Checks a detached signature of the kind that {@link signDetached} makes; one of another kind is refused, good or not.
 * @param signature DER
 * @param certificate DER, of whoever must have signed
 * @throws HadronError `SIGNATURE_INVALID` with the reason, `DER_INVALID`
 */
export function verifyDetached(data: Uint8Array, signature: Uint8Array, certificate: Uint8Array): void {
  const { issuer, serial, octets } = readSignature(signature);
  const wanted = issuerAndSerialOf(certificate);
  if (!issuer.equals(wanted.issuer) || !serial.equals(wanted.serial)) throw refuse("another certificate's key made it");
  const key = new X509Certificate(certificate).publicKey;
  if (!verify("sha512", data, { key, padding }, octets)) throw refuse("it is not over these bytes");
}

/** The parts of a signature that differ from one to the next. */
function readSignature(signature: Uint8Array): { issuer: Buffer; serial: Buffer; octets: Buffer } {
  const [type, explicit] = within(readDer(signature), derTag.sequence, 2);
  if (!type?.whole.equals(oids.signedData)) throw refuse("it is no signature but another kind of message");
  const [signedData] = within(explicit, 0xa0, 1);
  const [version, digests, content, signers] = within(signedData, derTag.sequence, 4);
  const [only] = within(digests, derTag.set, 1);
  const [inner] = within(content, derTag.sequence, 1);
  const [signer] = within(signers, derTag.set, 1);
  // Signed attributes would come as a sixth part, [0], before the signature's algorithm.
  const [signerVersion, name, digestOfSigner, algorithm, octets] = within(signer, derTag.sequence, 5);
  const [issuer, serial] = within(name, derTag.sequence, 2);
  if (!version?.whole.equals(versionOne) || !signerVersion?.whole.equals(versionOne))
    throw refuse("it does not name its signer by issuer and serial number");
  if (!inner?.whole.equals(oids.data)) throw refuse("it is over something else than plain data");
  if (!isAlgorithm(only, oids.sha512) || !isAlgorithm(digestOfSigner, oids.sha512))
    throw refuse("its digest is not SHA-512");
  if (!isAlgorithm(algorithm, oids.rsa) && !isAlgorithm(algorithm, oids.sha512WithRsa))
    throw refuse("it is not of RSA with PKCS #1 v1.5");
  if (!issuer || !serial || octets?.tag !== derTag.octetString) throw refuse("it has no signature inside");
  return { issuer: issuer.whole, serial: serial.whole, octets: octets.content };
}

function within(value: DerValue | undefined, tag: number, count: number): DerValue[] {
  const values = value?.tag === tag ? readDerValues(value.content) : [];
  if (values.length !== count)
    throw refuse("it is not detached, without attributes, without certificates, of one signer");
  return values;
}

/** Parameters may be missing or NULL (RFC 5754, 2). */
function isAlgorithm(value: DerValue | undefined, oid: Buffer): boolean {
  const [algorithm, parameters, ...more] = value?.tag === derTag.sequence ? readDerValues(value.content) : [];
  const isPlain = parameters === undefined || parameters.whole.equals(none);
  return algorithm?.whole.equals(oid) === true && isPlain && more.length === 0;
}

function refuse(why: string): HadronError {
  return new HadronError(`The signature does not hold: ${why}`, {
    kind: "input",
    code: "SIGNATURE_INVALID",
    hint: "Sign again: these bytes, by the key of that certificate",
  });
}
