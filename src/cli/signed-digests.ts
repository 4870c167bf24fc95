import { readFile } from "node:fs/promises";
import { assertSignable, type PublicKey, type SigningKey, signFile, verifyFile } from "../attest/mod.ts";
import { HadronError, messageOf } from "../base/mod.ts";
import { type DigestList, parseDigests, renderDigests } from "../image/mod.ts";
import type { Context } from "./command.ts";
import { type KeyInput, openSigningKey } from "./open-key.ts";
import { assertSigned } from "./trusted-keys.ts";
import { writeText } from "./write-text.ts";

/** A list of digests that was read. */
export interface NamedDigests {
  list: DigestList;
  /** Which of the keys signed it; undefined where none was asked for. */
  signedBy: PublicKey | undefined;
}

/**
 * Reads a list, and where there are keys only one that such a key has signed, beside which the signature lies as `hadron sign` writes it.
 * @throws HadronError `DIGESTS_NOT_FOUND`, `DIGESTS_INVALID`, `SIGNATURE_MISSING`, `SIGNATURE_BAD`
 */
export async function readDigests(path: string, keys: readonly PublicKey[]): Promise<NamedDigests> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new HadronError(`Could not read the list of digests "${path}": ${messageOf(cause)}`, {
      kind: "usage",
      code: "DIGESTS_NOT_FOUND",
      at: path,
      hint: "Name the file that was published with the release",
      cause,
    });
  });
  if (keys.length === 0) return { list: parseDigests(text, path), signedBy: undefined };
  const verified = await verifyFile(path, keys, []);
  assertSigned(verified, path, keys);
  return { list: parseDigests(text, path), signedBy: verified.signatures[0]?.key };
}

/**
 * The key that is to sign a list, once it is known that it can.
 * @param output Where the list is written to; not there yet, or one that this key signed before
 * @throws HadronError `USAGE_OPTION`, `KEY_…`, `PKCS11_FAILED`, `SIGNATURE_OTHERS`
 */
export async function openDigestsKey(
  input: KeyInput,
  output: string | undefined,
  context: Context,
): Promise<SigningKey> {
  if (output === undefined)
    throw new HadronError("Option --sign has no meaning without --output", {
      kind: "usage",
      code: "USAGE_OPTION",
      hint: "Give --output FILE: the signature lies beside it, as FILE.sigstore.json",
    });
  const key = await openSigningKey(input, context);
  await assertSignable(output, key.publicKey);
  return key;
}

/** @returns where the signature is, if there is to be one. @throws HadronError `DIGESTS_OUTPUT` */
export async function writeDigests(
  path: string,
  list: DigestList,
  key: SigningKey | undefined,
): Promise<string | undefined> {
  await writeText(path, renderDigests(list), "DIGESTS_OUTPUT");
  if (key === undefined) return undefined;
  const [signed] = await signFile(path, key, []);
  return signed?.path;
}
