import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Chain, openPkcs11Key } from "../../src/attest/mod.ts";
import { cacheRoot, runProcess } from "../../src/base/mod.ts";
import { ensureToolboxSet } from "../../src/engine/mod.ts";
import { attestationTypes, cosign, verifiedAfter, verifyAttestationWords, verifyWords } from "./support/cosign.ts";
import { hadron, hadronData } from "./support/hadron-command.ts";
import { judgeCommand } from "./support/judge.ts";
import { openSigningPlace, pushedImage, type SigningPlace } from "./support/signed-image.ts";

let place: SigningPlace;
beforeAll(async () => {
  place = await openSigningPlace("signatures");
});
afterAll(() => place?.[Symbol.asyncDispose]());

describe("what hadron sign wrote as tags", () => {
  let image: { reference: string; digest: string };
  beforeAll(async () => {
    image = await pushedImage(place, "for-tag");
    await place.sign(image.reference, "--form", "tag");
  });

  it("cosign verifies offline, with a key and no transparency log", async () => {
    const result = await cosign(verifyWords(place.publicKey, image.reference));
    expect(result).toMatchObject({ exitCode: 0 });
    expect(result.stdout).toContain(image.digest);
  });

  it.each(attestationTypes)("cosign verifies the attestation %s", async (type) => {
    const result = await cosign(verifyAttestationWords(type, place.publicKey, image.reference));
    expect(result.stderr + result.stdout).toContain("The signatures were verified against the specified public key");
    expect(result.exitCode).toBe(0);
  });

  it("cosign refuses by the wrong key", async () => {
    const { otherPublicKey: other } = place;
    expect((await cosign(verifyWords(other, image.reference))).exitCode).not.toBe(0);
    expect((await cosign(verifyAttestationWords("slsaprovenance1", other, image.reference))).exitCode).not.toBe(0);
  });
});

describe("hadron verify reads", () => {
  it.each(["tag", "bundle"])("what hadron sign wrote in a registry as %s, and says the chain", async (form) => {
    const { reference } = await pushedImage(place, `read-${form}`);
    await place.sign(reference, "--form", form);
    const words = ["verify", reference, "--key", place.publicKey, "--allow-test-key", ...place.plain];
    const chain = await hadronData<Chain>(words);
    expect(chain.signedBy).toMatchObject([{ fingerprint: expect.stringMatching(/^000/), isTest: true }]);
    expect(chain.builtFrom).toMatchObject({ image: "small", sources: 1 });
    expect(chain.attested).toHaveLength(3);
  });

  it("what cosign 2 signed", async () => {
    const image = await pushedImage(place, "by-cosign-2");
    const options = { pair: join(place.folder, "cosign-2"), more: [], plain: place.plain };
    expect(await verifiedAfter(cosign, image, options)).toMatchObject({ signedBy: [{}] });
  });
});

describe("hadron verify refuses", () => {
  const refused = async (words: string[]) => {
    const { status, stdout } = await hadron(["verify", ...words, ...place.plain, "--json"]);
    return { status, code: (JSON.parse(stdout) as { error?: { code: string } }).error?.code };
  };

  it("a signature by the wrong key, none at all, a test key that is not allowed, and a file that was changed", async () => {
    const { reference } = await pushedImage(place, "refused");
    const allowed = ["--key", place.publicKey, "--allow-test-key"];
    expect(await refused([reference, ...allowed])).toEqual({ status: 3, code: "SIGNATURE_MISSING" });
    await place.sign(reference);
    expect(await refused([reference, "--key", place.otherPublicKey, "--allow-test-key"])).toEqual({
      status: 3,
      code: "SIGNATURE_BAD",
    });
    expect(await refused([reference, "--key", place.publicKey])).toEqual({ status: 3, code: "KEY_TEST" });
    const file = join(place.folder, "disk.raw");
    await writeFile(file, "a disk");
    await place.sign(file);
    expect((await hadron(["verify", file, ...allowed])).stdout).toContain("signed by");
    await writeFile(file, "another disk");
    expect(await refused([file, ...allowed])).toEqual({ status: 3, code: "SIGNATURE_BAD" });
  });

  it("a release's test key, already when it is to sign", async () => {
    const { status, stdout } = await hadron(["sign", join(place.folder, "disk.raw"), "--key", place.key, "--json"]);
    expect(status).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: "KEY_TEST" } });
  });
});

it("a key in a token (SoftHSM) signs, and cosign verifies that", async () => {
  const { path: tree } = await ensureToolboxSet("signing", { cacheRoot: cacheRoot() });
  const module = join(tree, "usr/lib/softhsm/libsofthsm2.so");
  const tokens = join(place.folder, "tokens");
  await rm(tokens, { recursive: true, force: true });
  await mkdir(tokens);
  const config = join(place.folder, "softhsm.conf");
  await writeFile(config, `directories.tokendir = ${tokens}\nobjectstore.backend = file\nlog.level = ERROR\n`);
  const env = { SOFTHSM2_CONF: config, HADRON_PKCS11_PIN: "1234", LC_ALL: "C" };
  const tool = judgeCommand(tree, "usr/bin/pkcs11-tool", []);
  const ask = async (...words: string[]): Promise<void> => {
    const [program, ...before] = tool;
    const result = await runProcess(program, [...before, "--module", module, ...words], { env });
    expect(result, result.stderr).toMatchObject({ exitCode: 0 });
  };
  const onToken = ["--token-label", "test", "--login", "--pin", "1234"];
  await ask("--init-token", "--slot-index", "0", "--label", "test", "--so-pin", "5678");
  await ask("--init-pin", "--token-label", "test", "--so-pin", "5678", "--pin", "1234");
  await ask("--keypairgen", "--key-type", "EC:prime256v1", ...onToken, "--label", "release", "--id", "01");
  const uri = `pkcs11:token=test;object=release?module-path=${module}`;
  const pem = join(place.folder, "token.pub");
  await writeFile(pem, (await openPkcs11Key(uri, { tool, environment: env })).publicKey.pem);

  const { reference } = await pushedImage(place, "by-token");
  await hadronData(["sign", reference, "--key", uri, "--allow-test-key", ...place.plain], { env });
  expect(await cosign(verifyWords(pem, reference))).toMatchObject({ exitCode: 0 });
  const wrong = await hadron(["sign", reference, "--key", uri, ...place.plain, "--json"], {
    env: { ...env, HADRON_PKCS11_PIN: "9999" },
  });
  expect(wrong.status).toBe(7);
  expect(JSON.parse(wrong.stdout)).toMatchObject({ error: { code: "PKCS11_FAILED" } });
  expect(wrong.stderr + wrong.stdout).not.toContain("9999");
  expect(await readFile(pem, "utf8")).not.toContain("PRIVATE");
});
