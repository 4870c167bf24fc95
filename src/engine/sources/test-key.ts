import { createMessage, generateKey, type PrivateKey, sign } from "openpgp";

/** A key pair made for one test. */
export interface TestKey {
  private: PrivateKey;
  public: string;
  fingerprint: string;
}

/** @param options.made Day of birth; `days` of life, for ever where not given */
export async function makeKey(name: string, options: { made?: Date; days?: number } = {}): Promise<TestKey> {
  const { made = new Date("2020-01-01"), days = 0 } = options;
  const userIDs = [{ name, email: `${name}@example.org` }];
  const keys = await generateKey({
    type: "ecc",
    userIDs,
    date: made,
    keyExpirationTime: days * 86_400,
    format: "object",
  });
  const fingerprint = keys.publicKey.getFingerprint().toUpperCase();
  return { private: keys.privateKey, public: keys.publicKey.armor(), fingerprint };
}

/** A detached signature, armored. */
export async function signWith(
  key: TestKey,
  data: string | Uint8Array,
  date = new Date("2020-01-10"),
): Promise<string> {
  const message = await createMessage({ binary: Buffer.from(data) });
  const signature = await sign({ message, signingKeys: key.private, detached: true, date, format: "armored" });
  return signature as string;
}
