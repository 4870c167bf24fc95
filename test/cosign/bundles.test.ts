import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { attestationTypes, verifiedAfter, verifyAttestationWords, verifyWords } from "../e2e/support/cosign.ts";
import { openSigningPlace, pushedImage, type SigningPlace } from "../e2e/support/signed-image.ts";
import { cosign3 } from "./cosign-3.ts";

let place: SigningPlace;
beforeAll(async () => {
  place = await openSigningPlace("cosign");
});
afterAll(() => place?.[Symbol.asyncDispose]());

describe("what hadron sign wrote as bundles", () => {
  let image: { reference: string; digest: string };
  beforeAll(async () => {
    image = await pushedImage(place, "for-bundle");
    await place.sign(image.reference, "--form", "bundle");
  });

  it("cosign 3 verifies offline, with a key and no transparency log", async () => {
    const result = await cosign3(verifyWords(place.publicKey, image.reference));
    expect(result, result.stderr).toMatchObject({ exitCode: 0 });
    expect(result.stdout).toContain(image.digest);
  });

  it.each(attestationTypes)("cosign 3 verifies the attestation %s", async (type) => {
    const result = await cosign3(verifyAttestationWords(type, place.publicKey, image.reference));
    expect(result.stderr + result.stdout).toContain("The signatures were verified against the specified public key");
    expect(result.exitCode).toBe(0);
  });

  it("cosign 3 refuses by the wrong key", async () => {
    const { otherPublicKey: other } = place;
    expect((await cosign3(verifyWords(other, image.reference))).exitCode).not.toBe(0);
    expect((await cosign3(verifyAttestationWords("slsaprovenance1", other, image.reference))).exitCode).not.toBe(0);
  });
});

it("hadron verify reads what cosign 3 signed", async () => {
  const image = await pushedImage(place, "by-cosign-3");
  const more = ["--use-signing-config=false"];
  const options = { pair: join(place.folder, "cosign-3"), more, plain: place.plain };
  expect(await verifiedAfter(cosign3, image, options)).toMatchObject({ signedBy: [{}] });
});

it("a file's bundle is what cosign 3 verifies, until the file is changed", async () => {
  const file = join(place.folder, "blob.raw");
  await writeFile(file, "a blob");
  await place.sign(file);
  const words = ["verify-blob", "--key", place.publicKey, "--insecure-ignore-tlog=true"];
  const bundle = ["--bundle", `${file}.sigstore.json`, file];
  const good = await cosign3([...words, ...bundle]);
  expect(good, good.stderr).toMatchObject({ exitCode: 0 });
  await writeFile(file, "another blob");
  expect((await cosign3([...words, ...bundle])).exitCode).not.toBe(0);
});
