import { generateKeyPairSync } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { HadronError, isSystemError, messageOf } from "../../base/mod.ts";
import { formatKeyPem } from "./key-pem.ts";
import { type PublicKey, publicKeyOf } from "./public-key.ts";

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
    const pair = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
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
