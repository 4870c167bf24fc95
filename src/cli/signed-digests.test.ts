import { mkdtempDisposable, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeKey, type NewKey, readPublicKey } from "../attest/mod.ts";
import type { DigestList } from "../image/mod.ts";
import { openDigestsKey, readDigests, writeDigests } from "./signed-digests.ts";
import { testContext } from "./test-context.ts";

const list: DigestList = {
  arch: "x86_64",
  images: new Map([["cloud", "0.1.0"]]),
  artifacts: new Map([["cloud.disk", "a".repeat(64)]]),
  steps: new Map([["zlib", "b".repeat(64)]]),
};

let folder: Awaited<ReturnType<typeof mkdtempDisposable>>;
let ours: NewKey;
let others: NewKey;
let test: NewKey;
beforeAll(async () => {
  folder = await mkdtempDisposable(join(tmpdir(), "hadron-digests-"));
  ours = await makeKey(join(folder.path, "ours.key"), { test: false });
  others = await makeKey(join(folder.path, "others.key"), { test: false });
  test = await makeKey(join(folder.path, "test.key"), { test: true });
});
afterAll(() => folder.remove());

const keyFor = ({ path }: NewKey, output: string | undefined) =>
  openDigestsKey({ key: path, allowTestKey: false, mirror: undefined, offline: true }, output, testContext());

/** A list that one of the keys signed. */
async function signedList(name: string, by: NewKey): Promise<string> {
  const path = join(folder.path, name);
  expect(await writeDigests(path, list, await keyFor(by, path))).toBe(`${path}.sigstore.json`);
  return path;
}

describe("a signed list of digests", () => {
  it("is read where one of the keys signed it, and says which", async () => {
    const path = await signedList("good.digests", ours);
    const trusted = [await readPublicKey(others.publicPath), await readPublicKey(ours.publicPath)];
    expect(await readDigests(path, trusted)).toEqual({ list, signedBy: trusted[1] });
    expect(await readDigests(path, [])).toEqual({ list, signedBy: undefined });
  });

  it("is refused when it was changed, is another key's, or has lost its signature", async () => {
    const path = await signedList("bad.digests", ours);
    const trusted = await readPublicKey(ours.publicPath);
    await expect(readDigests(path, [await readPublicKey(others.publicPath)])).rejects.toMatchObject({
      kind: "input",
      code: "SIGNATURE_BAD",
      at: path,
    });
    const text = await readFile(path, "utf8");
    await writeFile(path, text.replace("a".repeat(64), "c".repeat(64)));
    await expect(readDigests(path, [trusted])).rejects.toMatchObject({ code: "SIGNATURE_BAD" });
    await writeFile(path, text);
    const signature = await readFile(`${path}.sigstore.json`);
    await writeFile(`${path}.sigstore.json`, signature.subarray(0, signature.length >> 1));
    await expect(readDigests(path, [trusted])).rejects.toMatchObject({ code: "SIGNATURE_BAD" });
    await rm(`${path}.sigstore.json`);
    await expect(readDigests(path, [trusted])).rejects.toMatchObject({ code: "SIGNATURE_MISSING" });
  });

  it("that is not there is named", async () => {
    const trusted = await readPublicKey(ours.publicPath);
    await expect(readDigests(join(folder.path, "none"), [trusted])).rejects.toMatchObject({
      kind: "usage",
      code: "DIGESTS_NOT_FOUND",
    });
  });
});

describe("before a list is made that is to be signed", () => {
  it("a key that was made for tests is refused", async () => {
    await expect(keyFor(test, join(folder.path, "x.digests"))).rejects.toMatchObject({ code: "KEY_TEST" });
  });

  it("so is one beside whose signature there is no room, and nothing was written", async () => {
    const path = await signedList("theirs.digests", others);
    await expect(keyFor(ours, path)).rejects.toMatchObject({ code: "SIGNATURE_OTHERS" });
    await keyFor(others, path);
  });

  it("and a list that would be written nowhere", async () => {
    await expect(keyFor(ours, undefined)).rejects.toMatchObject({ kind: "usage", code: "USAGE_OPTION" });
  });

  it("without a key the list alone is written", async () => {
    const path = join(folder.path, "unsigned.digests");
    expect(await writeDigests(path, list, undefined)).toBeUndefined();
    expect((await readdir(folder.path)).filter((name) => name.startsWith("unsigned"))).toEqual(["unsigned.digests"]);
  });
});
