import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkSignature, keysByFingerprint } from "./openpgp.ts";
import { makeKey, signWith, type TestKey } from "./test-key.ts";

const data = Buffer.from("the tarball of zlib");
const [upstream, stranger] = await Promise.all([makeKey("upstream"), makeKey("stranger")]);
const good = await signWith(upstream, data);

function check(signature: string | Uint8Array, keys: readonly (TestKey | string)[] = [upstream], over = data) {
  return checkSignature({
    signature: Buffer.from(signature),
    data: over,
    keys: keys.map((key) => Buffer.from(typeof key === "string" ? key : key.public)),
  });
}

describe("checkSignature", () => {
  it("says by whom and when", async () => {
    expect(await check(good)).toMatchObject({
      outcome: "good",
      keyFingerprint: upstream.fingerprint,
      signer: "upstream <upstream@example.org>",
      made: "2020-01-10",
    });
  });

  it("finds the key among several, one below the other, with one that can't be read", async () => {
    const broken = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----\n";
    expect(await check(good, [`${stranger.public}\n${broken}\n${upstream.public}`])).toMatchObject({ outcome: "good" });
  });

  it("calls a signature over other bytes forged", async () => {
    expect(await check(good, [upstream], Buffer.from("the tarball of zlab"))).toMatchObject({ outcome: "forged" });
  });

  it("knows no key but those given", async () => {
    expect(await check(await signWith(stranger, data))).toMatchObject({ outcome: "unknown-key" });
    expect(await check(good, [])).toMatchObject({ outcome: "unknown-key" });
  });

  it("refuses a key that had expired when it signed, and takes one that expired later", async () => {
    const brief = await makeKey("brief", { days: 30 });
    expect(await check(await signWith(brief, data), [brief])).toMatchObject({ outcome: "good" });
    const immortal = await makeKey("immortal");
    const late = { ...immortal, ...(await shortened(immortal)) };
    expect(await check(await signWith(immortal, data, new Date("2021-01-01")), [late])).toMatchObject({
      outcome: "worthless",
      why: expect.stringMatching(/expired/),
    });
  });

  it("lets one forged signature spoil a good one beside it", async () => {
    const { readSignature } = await import("openpgp");
    const bytes = async (armoredSignature: string) => (await readSignature({ armoredSignature })).write();
    const other = await signWith(stranger, "other bytes");
    const both = Buffer.concat([await bytes(good), await bytes(other)]);
    expect(await check(both, [upstream, stranger])).toMatchObject({ outcome: "forged" });
    expect(await check(both, [upstream])).toMatchObject({ outcome: "good" });
  });

  it.each([
    ["nothing", ""],
    ["half of it", good.slice(0, good.length / 2)],
    ["a web page", "<html>Not found</html>"],
    ["a key", upstream.public],
    ["armor around nothing", "-----BEGIN PGP SIGNATURE-----\n\n-----END PGP SIGNATURE-----\n"],
  ])("is not fooled by %s", async (_what, signature) => {
    expect(await check(signature)).toMatchObject({ outcome: "worthless" });
  });

  it("never calls good what was altered or cut, and never throws", async () => {
    const { readSignature } = await import("openpgp");
    const whole = (await readSignature({ armoredSignature: good })).write();
    await fc.assert(
      fc.asyncProperty(
        fc.nat(whole.length - 1),
        fc.integer({ min: 1, max: 255 }),
        fc.boolean(),
        async (at, bits, cut) => {
          const bytes = Buffer.from(cut ? whole.subarray(0, at) : whole);
          if (!cut) bytes[at] = (bytes[at] ?? 0) ^ bits;
          const verdict = await check(bytes);
          // Flags and hints outside the signed part may change; then it is the same signature still.
          if (verdict.outcome === "good") expect(verdict.keyFingerprint).toBe(upstream.fingerprint);
          if (cut) expect(verdict.outcome).not.toBe("good");
          expect((await check(bytes, [upstream], Buffer.from("other"))).outcome).not.toBe("good");
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("keysByFingerprint", () => {
  it("survives any bytes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        await keysByFingerprint(bytes);
      }),
      { numRuns: 100 },
    );
  });
});

/** The same key, its life cut to 30 days. */
async function shortened(key: TestKey): Promise<Pick<TestKey, "public">> {
  const { reformatKey } = await import("openpgp");
  const { publicKey } = await reformatKey({
    privateKey: key.private,
    userIDs: [{ name: "immortal" }],
    keyExpirationTime: 30 * 86_400,
    date: new Date("2020-01-02"),
    format: "armored",
  });
  return { public: publicKey as string };
}
