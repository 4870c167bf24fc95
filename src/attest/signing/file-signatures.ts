import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { HadronError, isSystemError, type Sha256, sha256OfFile, writeFileAtomic } from "../../base/mod.ts";
import type { PublicKey } from "../keys/public-key.ts";
import type { SigningKey } from "../keys/signing-key.ts";
import { fileBundle, hintInBundle, openStatementBundle, signatureInBundle, statementBundle } from "./bundle.ts";
import type { Attestation, Signed } from "./sign-image.ts";
import { addStatement, type Verified } from "./verify-image.ts";

/** Sigstore bundles of a file lie beside it, under its name and this; those of what is attested of it have a word in between. */
const suffix = ".sigstore.json";

/** An attestation of a file, and the word that its bundle has in its name. */
export interface NamedAttestation extends Attestation {
  word: string;
}

/**
 * Signs a file and what is attested of it. Bundles by this key stay as they are, unless the file was changed. A bundle holds one signature,
 * so beside that of another key there is no room for a second one.
 * @throws HadronError `SIGNATURE_OTHERS`, before anything is written
 */
export async function signFile(
  path: string,
  key: SigningKey,
  attestations: readonly NamedAttestation[],
): Promise<(Signed & { path: string })[]> {
  const own = [key.publicKey];
  for (const where of [path, ...attestations.map(({ word }) => `${path}.${word}`)])
    await assertSignable(where, key.publicKey);
  const place = path + suffix;
  const old = await readBundle(place);
  const made = old && signatureInBundle(old);
  const wasThere = made !== undefined && (await key.publicKey.verifyAll(createReadStream(path), made));
  if (!wasThere) await writeFileAtomic(place, await fileBundle(createReadStream(path), key, await sha256OfFile(path)));
  const signed: (Signed & { path: string })[] = [{ form: "bundle", what: "signature", wasThere, path: place }];
  for (const { word, predicateType, statement } of attestations) {
    const ofWord = `${path}.${word}${suffix}`;
    const before = await readBundle(ofWord);
    const isThere = before !== undefined && openStatementBundle(before, own)?.payload.equals(statement) === true;
    if (!isThere) await writeFileAtomic(ofWord, await statementBundle(statement, key));
    signed.push({ form: "bundle", what: predicateType, wasThere: isThere, path: ofWord });
  }
  return signed;
}

/** Says no where another key's bundle lies beside a file, which need not be there yet. @throws HadronError `SIGNATURE_OTHERS` */
export async function assertSignable(path: string, { hint }: PublicKey): Promise<void> {
  const place = path + suffix;
  const bundle = await readBundle(place);
  if (bundle === undefined || hintInBundle(bundle) === hint) return;
  throw new HadronError(`"${place}" is not by this key, and a bundle holds one signature`, {
    kind: "input",
    code: "SIGNATURE_OTHERS",
    at: place,
    hint: "Move it away if it is to be replaced; an image in a registry or a layout can have signatures of several keys",
  });
}

/** @param words Of the attestations that are looked for */
export async function verifyFile(
  path: string,
  keys: readonly PublicKey[],
  words: readonly string[],
): Promise<Verified & { sha256: Sha256 }> {
  const sha256 = await sha256OfFile(path);
  const verified: Verified & { sha256: Sha256 } = { signatures: [], attestations: [], worthless: [], sha256 };
  const bundle = await readBundle(path + suffix);
  if (bundle !== undefined) {
    const signature = signatureInBundle(bundle);
    let signer: PublicKey | undefined;
    for (const key of signature === undefined ? [] : keys)
      if (await key.verifyAll(createReadStream(path), signature ?? Buffer.alloc(0))) signer ??= key;
    if (signer) verified.signatures.push({ key: signer, form: "bundle" });
    else verified.worthless.push("The signature is by none of the keys, damaged, or of another file");
  }
  const subject = { descriptor: { mediaType: "", digest: `sha256:${sha256}`, size: 0 } };
  for (const word of words) {
    const found = await readBundle(`${path}.${word}${suffix}`);
    if (found !== undefined) addStatement(openStatementBundle(found, keys), subject, { form: "bundle", verified });
  }
  return verified;
}

async function readBundle(path: string): Promise<Buffer | undefined> {
  return readFile(path).catch((error: unknown) => {
    if (isSystemError(error, "ENOENT")) return undefined;
    throw error;
  });
}
