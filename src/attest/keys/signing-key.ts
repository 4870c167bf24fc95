import { createPrivateKey, createPublicKey, createSign, type KeyObject } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { HadronError, messageOf } from "../../base/mod.ts";
import { malformedKey, parseKeyPem } from "./key-pem.ts";
import { missingKey, type PublicKey, publicKeyOf } from "./public-key.ts";

/** A key that signs, wherever it is kept. */
export interface SigningKey {
  publicKey: PublicKey;
  /** An ECDSA signature (ASN.1) over the SHA-256 of these bytes. */
  sign(data: Uint8Array | AsyncIterable<Uint8Array>): Promise<Buffer>;
}

/**
 * @param passphrase Of an encrypted key (PKCS#8)
 * @throws HadronError `KEY_MISSING`, `KEY_MALFORMED`, `KEY_EXPOSED` where others may read the file, `KEY_PASSPHRASE`
 */
export async function readSigningKey(path: string, passphrase?: string): Promise<SigningKey> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw missingKey(path, error);
  });
  const { label, pem, validUntil } = parseKeyPem(text, path);
  await assertPrivate(path);
  if (!/^(ENCRYPTED )?PRIVATE KEY$/.test(label))
    throw malformedKey(path, `it is a ${label.toLowerCase()}, expected a private key as PKCS#8`);
  const key = decrypt(pem, { path, isEncrypted: label.startsWith("ENCRYPTED"), passphrase });
  const publicKey = publicKeyOf(createPublicKey(key), { name: path, validUntil });
  assertOneKey(key, publicKey, path);
  return {
    publicKey,
    sign: async (data) => {
      const signer = createSign("sha256");
      for await (const chunk of data instanceof Uint8Array ? [data] : data) signer.update(chunk);
      return signer.sign(key);
    },
  };
}

function decrypt(
  pem: string,
  { path, isEncrypted, passphrase }: { path: string; isEncrypted: boolean; passphrase: string | undefined },
): KeyObject {
  if (isEncrypted && !passphrase) throw wrongPassphrase(path, "it is encrypted, and HADRON_KEY_PASSPHRASE is not set");
  try {
    return createPrivateKey({ key: pem, ...(isEncrypted && passphrase ? { passphrase } : {}) });
  } catch (error) {
    if (isEncrypted) throw wrongPassphrase(path, `the passphrase does not open it (${messageOf(error)})`, error);
    throw malformedKey(path, messageOf(error), error);
  }
}

/** The file has the public part as well, and OpenSSL does not look whether they belong together: signatures would be worth nothing. */
function assertOneKey(key: KeyObject, publicKey: PublicKey, path: string): void {
  const probe = Buffer.from("A probe");
  let signature: Buffer | undefined;
  try {
    signature = createSign("sha256").update(probe).sign(key);
  } catch (error) {
    throw malformedKey(path, messageOf(error), error);
  }
  if (!publicKey.verify(probe, signature)) throw malformedKey(path, "its private and its public part are of two keys");
}

/** A key that others may read is theirs as well. */
async function assertPrivate(path: string): Promise<void> {
  const { mode } = await stat(path);
  if ((mode & 0o077) === 0) return;
  throw new HadronError(`The key "${path}" may be read by others (mode ${(mode & 0o777).toString(8)})`, {
    kind: "input",
    code: "KEY_EXPOSED",
    at: path,
    hint: `chmod 600 ${path}, and ask yourself who may have a copy`,
  });
}

function wrongPassphrase(at: string, why: string, cause?: unknown): HadronError {
  return new HadronError(`The key "${at}" can't be opened: ${why}`, {
    kind: "usage",
    code: "KEY_PASSPHRASE",
    at,
    hint: "Set HADRON_KEY_PASSPHRASE",
    ...(cause === undefined ? {} : { cause }),
  });
}
