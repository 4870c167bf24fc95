import { createPrivateKey, generateKeyPair, type KeyObject, randomBytes, X509Certificate } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, open, readFile, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { HadronError, isSystemError, messageOf, programName } from "../base/mod.ts";
import { noExpiry, selfSignedCertificate } from "../formats/mod.ts";

/** A key that signs kernel modules, and the certificate by which a kernel knows it. */
export interface ModuleKey {
  privateKey: KeyObject;
  /** DER. */
  certificate: Buffer;
  /** Whose it is, for messages. */
  subject: string;
  /** The file it was read from, where others than its owner can read that. */
  exposedAt?: string;
}

/** Bytes of a certificate that a kernel has room for: CONFIG_SYSTEM_EXTRA_CERTIFICATE_SIZE. */
export const longestCertificate = 4096;

/** crypto/rsa.c of the kernel takes these of 2048 bits and more, and no others. */
const keyLengths = [2048, 3072, 4096];

/**
 * Reads a file that holds a private key and its certificate, both in PEM: what the kernel calls a signing key (certs/Kconfig).
 * @throws HadronError `MODULE_KEY_INVALID`. No message holds anything of the file.
 */
export async function readModuleKey(path: string): Promise<ModuleKey> {
  const refuse = (why: string, cause?: unknown) =>
    new HadronError(`Could not take a key for modules from "${path}": ${why}`, {
      kind: "input",
      code: "MODULE_KEY_INVALID",
      at: path,
      hint: `${programName()} keys new --modules FILE makes one: RSA and its certificate, both as PEM, without a passphrase`,
      cause,
    });
  const text = await readFile(path).catch((cause: unknown) => {
    throw refuse(`it can't be read (${messageOf(cause)})`, cause);
  });
  const privateKey = attempt(() => createPrivateKey(text));
  if (!privateKey) throw refuse("it has no private key, or one with a passphrase");
  const certificate = attempt(() => new X509Certificate(text));
  if (!certificate) throw refuse("it has no certificate");
  const length = privateKey.asymmetricKeyDetails?.modulusLength ?? 0;
  if (privateKey.asymmetricKeyType !== "rsa" || !keyLengths.includes(length))
    throw refuse(`the key is none of RSA with ${keyLengths.join(", ")} bits, which are those that kernels take`);
  if (!certificate.checkPrivateKey(privateKey)) throw refuse("the certificate is another key's");
  const tooLong = certificateTooLong(certificate);
  if (tooLong !== undefined) throw refuse(tooLong);
  const isExposed = ((await stat(path)).mode & 0o077) !== 0;
  return {
    privateKey,
    certificate: certificate.raw,
    subject: certificate.subject,
    ...(isExposed && { exposedAt: path }),
  };
}

/** Why no kernel takes the certificate, if so. */
export function certificateTooLong({ raw }: X509Certificate): string | undefined {
  if (raw.length <= longestCertificate) return undefined;
  return `the certificate has ${raw.length} bytes, and the kernel has room for ${longestCertificate}`;
}

/** What `hadron keys new --modules` tells. */
export interface NewModuleKey {
  path: string;
  subject: string;
  /** SHA-256 of the certificate, as other tools write it. */
  fingerprint: string;
}

/**
 * Makes a key, with a certificate that it signs itself and that has no end: the kernel does not look at the time of a certificate
 * for modules. The file is readable to its owner alone, and never takes the place of another.
 * @param options.modulusLength Bits; less than the 4096 of every key that is used is for tests, which would wait for it
 * @throws HadronError `KEY_OUTPUT`
 */
export async function writeNewModuleKey(
  path: string,
  commonName: string,
  options: { modulusLength?: number } = {},
): Promise<NewModuleKey> {
  const { modulusLength = 4096 } = options;
  // Known before the seconds that a key takes; and that writing finds it out again is what counts.
  if (existsSync(path)) throw taken(path);
  const { privateKey } = await promisify(generateKeyPair)("rsa", { modulusLength });
  const fields = { commonName, serial: randomBytes(16), notBefore: new Date(), notAfter: noExpiry };
  const certificate = new X509Certificate(selfSignedCertificate(privateKey, fields));
  await writeSecret(path, `${privateKey.export({ type: "pkcs8", format: "pem" })}${certificate.toString()}`);
  return { path, subject: certificate.subject, fingerprint: certificate.fingerprint256 };
}

/** At its own name at once: not every file system can link (FAT), and a rename would take the place of another file. */
async function writeSecret(path: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(path, "wx", 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } catch (cause) {
      await rm(path, { force: true });
      throw cause;
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (isSystemError(cause, "EEXIST") && existsSync(path)) throw taken(path, cause);
    throw unwritable(path, messageOf(cause), "Name a file in a folder that you may write to", cause);
  }
}

function taken(path: string, cause?: unknown): HadronError {
  const why = "there is something of this name";
  return unwritable(path, why, "A key is never overwritten: name another file", cause);
}

function unwritable(path: string, why: string, hint: string, cause: unknown): HadronError {
  const message = `Could not write "${path}": ${why}`;
  return new HadronError(message, { kind: "usage", code: "KEY_OUTPUT", at: path, hint, cause });
}

function attempt<Value>(make: () => Value): Value | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}
