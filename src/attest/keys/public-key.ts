import { createPublicKey, createVerify, type KeyObject, verify } from "node:crypto";
import { readFile } from "node:fs/promises";
import { HadronError, messageOf, programName, type Sha256, sha256 } from "../../base/mod.ts";
import { malformedKey, parseKeyPem } from "./key-pem.ts";

/** Who may have signed. */
export interface PublicKey {
  /** The file that it was read from, or what else names it. */
  name: string;
  /** SHA-256 over its SubjectPublicKeyInfo: by this people know it. */
  fingerprint: Sha256;
  /** The same as Base64: by this a Sigstore bundle names the key. */
  hint: string;
  /** As PEM. */
  pem: string;
  validUntil?: string;
  /** Whether it was made for tests; see {@link isTestFingerprint}. */
  isTest: boolean;
  /** Whether it made an ECDSA signature (ASN.1) over the SHA-256 of these bytes. */
  verify(data: Uint8Array, signature: Uint8Array): boolean;
  /** The same of what is too large for the memory. */
  verifyAll(data: AsyncIterable<Uint8Array>, signature: Uint8Array): Promise<boolean>;
}

/**
 * Test keys are known by their fingerprints, which begin with these zeros: as that is part of the key itself, it can't be lost or removed,
 * and everybody sees it. Making one takes some thousand attempts; no other key is made with such a fingerprint.
 */
export function isTestFingerprint(fingerprint: Sha256): boolean {
  return fingerprint.startsWith("000");
}

/** @throws HadronError `KEY_MISSING`, `KEY_MALFORMED` */
export async function readPublicKey(path: string): Promise<PublicKey> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw missingKey(path, error);
  });
  const { label, pem, validUntil } = parseKeyPem(text, path);
  if (label !== "PUBLIC KEY") throw malformedKey(path, `it is a ${label.toLowerCase()}, expected a public key`);
  try {
    return publicKeyOf(createPublicKey(pem), { name: path, validUntil });
  } catch (error) {
    throw error instanceof HadronError ? error : malformedKey(path, messageOf(error), error);
  }
}

/** @throws HadronError `KEY_MALFORMED` for a key of another kind */
export function publicKeyOf(
  key: KeyObject,
  { name, validUntil }: { name: string; validUntil?: string | undefined },
): PublicKey {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type !== "ec" || details?.namedCurve !== "prime256v1")
    throw malformedKey(
      name,
      `it is of the kind ${[type, details?.namedCurve].filter(Boolean).join(" ")}, expected ECDSA on P-256`,
    );
  const der = key.export({ type: "spki", format: "der" });
  const fingerprint = sha256(der);
  return {
    ...{ name, fingerprint, hint: Buffer.from(fingerprint, "hex").toString("base64") },
    pem: String(key.export({ type: "spki", format: "pem" })),
    isTest: isTestFingerprint(fingerprint),
    ...(validUntil === undefined ? {} : { validUntil }),
    verify: (data, signature) => verify("sha256", data, key, signature),
    verifyAll: async (data, signature) => {
      const verifier = createVerify("sha256");
      for await (const chunk of data) verifier.update(chunk);
      return verifier.verify(key, signature);
    },
  };
}

export interface KeyUse {
  /** Milliseconds since the epoch. */
  now: number;
  allowTestKey: boolean;
}

/**
 * Says no to a key whose time is over, and to one that was made for tests, unless that is allowed: what it signs is for tests as well.
 * @throws HadronError `KEY_EXPIRED`, `KEY_TEST`
 */
export function assertUsable(
  { name, validUntil, isTest, fingerprint }: PublicKey,
  { now, allowTestKey }: KeyUse,
): void {
  // To the end of that day, wherever on earth it is.
  if (validUntil !== undefined && now >= Date.parse(`${validUntil}T00:00:00Z`) + 36 * 3_600_000)
    throw new HadronError(`The key "${name}" (${fingerprint}) was valid until ${validUntil}`, {
      kind: "input",
      code: "KEY_EXPIRED",
      at: name,
      hint: "Sign with a new key, and give its public part to those who verify",
    });
  if (isTest && !allowTestKey)
    throw new HadronError(`The key "${name}" (${fingerprint}) was made for tests`, {
      kind: "input",
      code: "KEY_TEST",
      at: name,
      hint: "Use a key that is not, or give --allow-test-key where what is signed is never published",
    });
}

export function missingKey(path: string, cause: unknown): HadronError {
  return new HadronError(`Could not read the key "${path}": ${messageOf(cause)}`, {
    kind: "usage",
    code: "KEY_MISSING",
    at: path,
    hint: `Name a file that you may read; ${programName()} keys new FILE.key makes a key, and FILE.pub beside it`,
    cause,
  });
}
