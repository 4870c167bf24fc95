import { createPrivateKey, generateKeyPair, type KeyObject, randomBytes, X509Certificate } from "node:crypto";
import { existsSync } from "node:fs";
import { link, mkdir, open, readFile, rm } from "node:fs/promises";
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
}

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
  return { privateKey, certificate: certificate.raw, subject: certificate.subject };
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
 * for modules. The file is readable to its owner alone, appears whole, and never takes the place of another.
 * @throws HadronError `KEY_OUTPUT`
 */
export async function writeNewModuleKey(path: string, commonName: string): Promise<NewModuleKey> {
  let certificate: X509Certificate | undefined;
  await writeSecret(path, async () => {
    const { privateKey } = await promisify(generateKeyPair)("rsa", { modulusLength: 4096 });
    certificate = new X509Certificate(
      selfSignedCertificate(privateKey, {
        commonName,
        serial: randomBytes(16),
        notBefore: new Date(),
        notAfter: noExpiry,
      }),
    );
    return `${privateKey.export({ type: "pkcs8", format: "pem" })}${certificate.toString()}`;
  });
  if (!certificate) throw new Error("No key was made");
  return { path, subject: certificate.subject, fingerprint: certificate.fingerprint256 };
}

/** @param make Takes seconds, so it is called when the file can be written */
async function writeSecret(path: string, make: () => Promise<string>): Promise<void> {
  const beside = `${path}.${randomBytes(4).toString("hex")}.part`;
  const refuse = (why: string, hint: string, cause?: unknown) =>
    new HadronError(`Could not write "${path}": ${why}`, { kind: "usage", code: "KEY_OUTPUT", at: path, hint, cause });
  const taken = (cause?: unknown) =>
    refuse("there is something of this name", "A key is never overwritten: name another file", cause);
  try {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(beside, "wx", 0o600);
    try {
      if (existsSync(path)) throw taken();
      await file.writeFile(await make());
      await file.sync();
      // Unlike a rename it fails where there is something.
      await link(beside, path);
    } finally {
      await file.close();
      await rm(beside, { force: true });
    }
  } catch (cause) {
    if (cause instanceof HadronError) throw cause;
    if (isSystemError(cause, "EEXIST")) throw taken(cause);
    throw refuse(messageOf(cause), "Name a file in a folder that you may write to", cause);
  }
}

function attempt<Value>(make: () => Value): Value | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}
