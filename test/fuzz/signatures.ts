import fc from "fast-check";
import { checkSignature, keysByFingerprint } from "../../src/engine/sources/openpgp.ts";
import { makeKey, signWith } from "../../src/engine/sources/test-key.ts";
import { spoiled, spoiledText } from "./spoil.ts";
import { type Target, target } from "./target.ts";

const data = Buffer.from("the tarball of zlib");

/** Made when it is wanted first: it takes a moment. */
async function made() {
  const { readSignature, readKey } = await import("openpgp");
  const key = await makeKey("upstream");
  const signature = await signWith(key, data);
  const binary = Buffer.from((await readSignature({ armoredSignature: signature })).write());
  const binaryKey = Buffer.from((await readKey({ armoredKey: key.public })).write());
  return { key, signature, binary, binaryKey };
}

const { key, signature, binary, binaryKey } = await made();
const asBytes = (text: fc.Arbitrary<string>) => text.map((one) => Buffer.from(one));

/** OpenPGP's packets, in the clear and in armor. */
export const signatures: readonly Target[] = [
  target({
    name: "an OpenPGP signature",
    few: 10,
    inputs: fc.oneof(spoiled([binary]), asBytes(spoiledText([signature]))),
    read: async (bytes) => {
      const keys = [Buffer.from(key.public)];
      const verdict = await checkSignature({ signature: bytes, data, keys });
      if (verdict.outcome === "good" && verdict.keyFingerprint !== key.fingerprint)
        throw new Error("A signature of nobody's is good");
      const other = await checkSignature({ signature: bytes, data: Buffer.from("another one"), keys });
      if (other.outcome === "good") throw new Error("A signature over other bytes is good");
    },
  }),
  target({
    name: "an OpenPGP key",
    few: 8,
    inputs: fc.oneof(spoiled([binaryKey]), asBytes(spoiledText([`${key.public}\n${key.public}`]))),
    read: async (bytes) => {
      await keysByFingerprint(bytes);
      const verdict = await checkSignature({ signature: binary, data, keys: [bytes] });
      if (verdict.outcome === "good" && verdict.keyFingerprint !== key.fingerprint)
        throw new Error("A signature of nobody's is good");
    },
  }),
];
