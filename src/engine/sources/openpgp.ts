import { messageOf } from "../../base/mod.ts";

/** By one of the keys, over these bytes, while the key was valid. */
export interface GoodSignature {
  outcome: "good";
  /** Of the primary key: upper-case hexadecimal. */
  keyFingerprint: string;
  signer: string;
  /** The day, ISO 8601. */
  made: string;
  /** Armored, as are the next. */
  signature: string;
  /** What the key says of itself, without others' words on it. */
  key: string;
}

/** What a detached OpenPGP signature is worth. `signer` is what the key calls itself, which proves nothing: the fingerprint counts. */
export type Verdict =
  | GoodSignature
  /** One of the keys signed other bytes. */
  | { outcome: "forged"; why: string }
  /** By none of the keys. */
  | { outcome: "unknown-key"; why: string }
  /** Can't be read, or by a key or digest that doesn't count: expired, revoked, too weak. */
  | { outcome: "worthless"; why: string };

/**
 * Checks a detached signature (RFC 9580), armored or not, with OpenPGP.js. A key must have been valid when it signed; what has
 * expired since then still counts. Where several keys signed, one good signature is enough, and one forged spoils all.
 * @param input.data Read whole: the library wants it in memory.
 */
export async function checkSignature(input: {
  signature: Uint8Array;
  data: Uint8Array;
  keys: readonly Uint8Array[];
}): Promise<Verdict> {
  const openpgp = await load();
  const verificationKeys = (await Promise.all(input.keys.map(readKeys))).flat();
  const { signature } = input;
  try {
    const [armoredSignature] = armorOf(signature, "SIGNATURE");
    const parsed = await (armoredSignature === undefined
      ? openpgp.readSignature({ binarySignature: signature })
      : openpgp.readSignature({ armoredSignature }));
    const signers = parsed.getSigningKeyIDs();
    const verdicts: Verdict[] = signers
      .filter((id) => !verificationKeys.some((key) => key.getKeys(id).length > 0))
      .map((id) => ({
        outcome: "unknown-key",
        why: `Signed by the key ${id.toHex().toUpperCase()}, which is not known`,
      }));
    // One key at a time, so that what is said of a signature is said of the key that made it, whatever ids are alike.
    for (const key of verificationKeys)
      if (signers.some((id) => key.getKeys(id).length > 0))
        verdicts.push(...(await checkWith(key, parsed, input.data)));
    return weigh(verdicts);
  } catch (error) {
    return { outcome: "worthless", why: `The signature can't be read: ${messageOf(error)}` };
  }
}

async function checkWith(key: Key, signature: Signature, data: Uint8Array): Promise<Verdict[]> {
  const openpgp = await load();
  const message = await openpgp.createMessage({ binary: data, format: "binary" });
  const options = { message, signature, verificationKeys: [key], format: "binary" as const };
  const keyFingerprint = key.getFingerprint().toUpperCase();
  const signer = key.getUserIDs()[0] ?? "";
  const by = `by ${keyFingerprint} (${signer})`;
  const verdicts: Verdict[] = [];
  for (const { keyID, verified, signature: parsed } of (await openpgp.verify(options)).signatures) {
    try {
      await verified;
      const made = (await parsed).packets[0]?.created?.toISOString().slice(0, 10) ?? "";
      const kept = { signature: signature.armor(), key: ownPart(key).armor() };
      verdicts.push({ outcome: "good", keyFingerprint, signer, made, ...kept });
    } catch (error) {
      if (key.getKeys(keyID).length === 0) continue;
      verdicts.push(
        isMismatch(error)
          ? { outcome: "forged", why: `The signature ${by} is not over these bytes` }
          : { outcome: "worthless", why: `The signature ${by} does not count: ${reasonOf(error)}` },
      );
    }
  }
  return verdicts;
}

function weigh(verdicts: readonly Verdict[]): Verdict {
  const first = (outcome: Verdict["outcome"]) => verdicts.find((verdict) => verdict.outcome === outcome);
  const none: Verdict = { outcome: "worthless", why: "The file holds no signature" };
  return first("forged") ?? first("good") ?? first("worthless") ?? verdicts[0] ?? none;
}

/** The keys in a file, armored, by the fingerprints of their primary keys. What can't be read is passed over. */
export async function keysByFingerprint(file: Uint8Array): Promise<Map<string, string>> {
  return new Map((await readKeys(file)).map((key) => [key.getFingerprint().toUpperCase(), key.armor()]));
}

type OpenPgp = typeof import("openpgp");
type Signature = Awaited<ReturnType<OpenPgp["readSignature"]>>;
type Key = Awaited<ReturnType<OpenPgp["readKey"]>>;

/** Loaded by those who check only: it is large. */
function load(): Promise<OpenPgp> {
  return import("openpgp");
}

/** Maintainers put armored keys one below the other, sometimes with one that is too old to be read. */
async function readKeys(file: Uint8Array): Promise<Key[]> {
  const openpgp = await load();
  const blocks = armorOf(file, "PUBLIC KEY BLOCK");
  const reading =
    blocks.length === 0
      ? [openpgp.readKeys({ binaryKeys: file })]
      : blocks.map((armoredKeys) => openpgp.readKeys({ armoredKeys }));
  const read = await Promise.allSettled(reading);
  return read.flatMap((outcome) => (outcome.status === "fulfilled" ? outcome.value : []));
}

function armorOf(file: Uint8Array, what: string): string[] {
  const pattern = new RegExp(`-----BEGIN PGP ${what}-----[^]*?-----END PGP ${what}-----`, "g");
  return Buffer.from(file).toString("latin1").match(pattern) ?? [];
}

/** Without photographs and what others certified: that is most of a well-known key, and nothing here reads it. */
function ownPart(key: Key): Key {
  for (const user of key.users) {
    user.otherCertifications = [];
    user.revocationSignatures = user.revocationSignatures.filter(({ issuerKeyID }) =>
      issuerKeyID.equals(key.getKeyID()),
    );
  }
  key.users = key.users.filter(({ userID }) => userID !== null);
  return key;
}

/** The library has no codes. What it says otherwise makes a signature worthless, never good. */
function isMismatch(error: unknown): boolean {
  return /digest did not match|Signature verification failed/i.test(messageOf(error));
}

/** `Could not find valid signing key packet in key 12…: Subkey is expired` → `Subkey is expired` */
function reasonOf(error: unknown): string {
  return messageOf(error).replace(/^.*: (?=[A-Z][a-z]+ )/s, "");
}
