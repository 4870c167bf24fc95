import { createECDH, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { HadronError, isSystemError, messageOf, sha256 } from "../../base/mod.ts";
import { formatKeyPem } from "./key-pem.ts";
import { isTestFingerprint, type PublicKey, publicKeyOf } from "./public-key.ts";

export interface NewKey {
  /** Where the private key is; mode 0600. */
  path: string;
  publicPath: string;
  publicKey: PublicKey;
}

/**
 * Makes a key that signs artifacts: ECDSA on P-256, the private part as PKCS#8, unencrypted and for its owner's eyes alone.
 * @param options.test Makes one that is known as a test key wherever it is used
 * @param options.validUntil The last day of its use
 * @throws HadronError `KEY_EXISTS`, `KEY_OUTPUT`
 */
export async function makeKey(
  path: string,
  { test, validUntil }: { test: boolean; validUntil?: string | undefined },
): Promise<NewKey> {
  const publicPath = `${path.replace(/\.key$/, "")}.pub`;
  for (;;) {
    const pair = test ? newTestPair() : newPair();
    const publicKey = publicKeyOf(pair.publicKey, { name: publicPath, validUntil });
    if (publicKey.isTest !== test) continue;
    const pem = String(pair.privateKey.export({ type: "pkcs8", format: "pem" }));
    const validity = validUntil === undefined ? {} : { validUntil };
    await writeNew(path, formatKeyPem({ pem, ...validity }), 0o600);
    try {
      await writeNew(publicPath, formatKeyPem({ pem: publicKey.pem, ...validity }), 0o644);
    } catch (error) {
      // Else it would be in the way of the next attempt, and beside another key's public part.
      await rm(path);
      throw error;
    }
    return { path, publicPath, publicKey };
  }
}

interface Pair {
  privateKey: KeyObject;
  publicKey: KeyObject;
}

const namedCurve = "prime256v1";

const newPair = (): Pair => generateKeyPairSync("ec", { namedCurve });

/** Of the thousands of attempts only the last becomes a key: the others are points of the curve, which take a quarter of the time. */
function newTestPair(): Pair {
  const attempt = createECDH(namedCurve);
  // It ends with the point: 4, and two coordinates of 32 bytes (RFC 5480, 2.2).
  const spki = newPair().publicKey.export({ type: "spki", format: "der" });
  const point = spki.subarray(-65);
  do attempt.generateKeys().copy(point);
  while (!isTestFingerprint(sha256(spki)));
  const scalar = Buffer.alloc(32);
  const written = attempt.getPrivateKey();
  written.copy(scalar, scalar.length - written.length);
  const [x, y] = [point.toString("base64url", 1, 33), point.toString("base64url", 33)];
  const key = { kty: "EC", crv: "P-256", x, y, d: scalar.toString("base64url") };
  const privateKey = createPrivateKey({ key, format: "jwk" });
  return { privateKey, publicKey: createPublicKey(privateKey) };
}

/** A key is never replaced: what it signed could not be verified any more. */
async function writeNew(path: string, text: string, mode: number): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text, { mode, flag: "wx" });
  } catch (error) {
    const isThere = isSystemError(error, "EEXIST");
    throw new HadronError(
      isThere ? `There is something at "${path}" already` : `Could not write the key "${path}": ${messageOf(error)}`,
      {
        kind: "usage",
        code: isThere ? "KEY_EXISTS" : "KEY_OUTPUT",
        at: path,
        hint: isThere ? "Name a file that is not there yet" : "Name a file in a folder that you may write to",
        cause: error,
      },
    );
  }
}
