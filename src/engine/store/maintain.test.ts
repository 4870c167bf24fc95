import { mkdir, readdir, readFile, truncate, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sourceDateEpoch } from "../../graph/mod.ts";
import { diskUse } from "./disk-use.ts";
import { collectGarbage, listStore, verifyStore } from "./maintain.ts";
import type { StepResult } from "./store.ts";
import { keyOf, openTestStore, type TestStore } from "./test-store.ts";

const day = 86_400_000;
const now = Date.UTC(2026, 5, 1);

/** Three outputs of the same size, last used 1, 10 and 100 days ago. */
let three: Record<"fresh" | "older" | "oldest", StepResult>;
let storeOfThree: TestStore;
beforeAll(async () => {
  storeOfThree = await openTestStore();
  const put = async (step: string, days: number) => {
    const result = await storeOfThree.put(step, { file: step.padEnd(100) });
    const used = (now - days * day) / 1000;
    await utimes(join(storeOfThree.root, "results", `${result.key}.json`), used, used);
    return result;
  };
  three = { fresh: await put("fresh", 1), older: await put("older", 10), oldest: await put("oldest", 100) };
});
afterAll(() => storeOfThree[Symbol.asyncDispose]());

const objectsOf = async (test: TestStore) => (await readdir(join(test.root, "objects"))).sort();

describe("store verify", () => {
  it("finds a flipped byte and names the steps, removes the output where asked, and then it is not found", async () => {
    await using test = await openTestStore();
    const good = await test.put("good", { a: "good" });
    const bad = await test.put("zlib", { "usr/lib/libz.so": "some bytes" });
    await test.put("zlib-too", { "usr/lib/libz.so": "some bytes" });
    expect(await verifyStore(test.store)).toEqual({ checked: 2, damaged: [] });

    const file = join(test.store.objectPath(bad.output), "usr/lib/libz.so");
    const bytes = await readFile(file);
    bytes[3] = (bytes[3] ?? 0) ^ 1;
    await writeFile(file, bytes);
    const { checked, damaged } = await verifyStore(test.store);
    expect(checked).toBe(2);
    expect(damaged).toMatchObject([{ object: bad.output, steps: ["zlib", "zlib-too"] }]);
    expect(await test.store.find(bad.key)).toBeDefined();

    await verifyStore(test.store, { remove: true });
    expect(await test.store.find(bad.key)).toBeUndefined();
    expect(await test.store.find(good.key)).toBeDefined();
    expect(await verifyStore(test.store)).toEqual({ checked: 1, damaged: [] });
    await test.put("zlib", { "usr/lib/libz.so": "some bytes" });
    expect(await test.store.find(keyOf("zlib-too"))).toBeDefined();
  });

  it("finds a file that is missing, one too many, and what is no output", async () => {
    await using test = await openTestStore();
    const { output } = await test.put("zlib", { a: "a" });
    await writeFile(join(test.store.objectPath(output), "more"), "");
    await mkdir(join(test.root, "objects/junk"));
    expect((await verifyStore(test.store)).damaged.map(({ object }) => object)).toEqual([output, "junk"]);
  });
});

describe("store gc", () => {
  it("without limits removes only what no result names", async () => {
    await using test = await openTestStore(storeOfThree);
    const { fresh, older, oldest } = three;
    const stray = join(test.root, "objects", "f".repeat(64));
    await mkdir(stray);
    const freed = await diskUse(stray);
    expect(await collectGarbage(test.store, { now })).toEqual({ removed: 1, freed, kept: 3 });
    expect(await objectsOf(test)).toEqual([fresh.output, older.output, oldest.output].sort());
  });

  it("frees by age: what no build used for so long is forgotten", async () => {
    await using test = await openTestStore(storeOfThree);
    const { fresh, older, oldest } = three;
    const freed = await diskUse(test.store.objectPath(oldest.output));
    expect(await collectGarbage(test.store, { now, olderThanDays: 30 })).toEqual({ removed: 1, freed, kept: 2 });
    expect(await objectsOf(test)).toEqual([fresh.output, older.output].sort());
    expect(await test.store.recall(oldest.key)).toBeUndefined();
    expect(await test.store.find(older.key)).toBeDefined();
  });

  it("frees by size: the least recently used go first, and what they were stays known", async () => {
    await using test = await openTestStore(storeOfThree);
    const { fresh, older, oldest } = three;
    const one = await diskUse(test.store.objectPath(oldest.output));
    const limits = { now, maxBytes: 2.5 * one };
    expect(await collectGarbage(test.store, limits)).toEqual({ removed: 1, freed: one, kept: 2 });
    expect(await test.store.find(oldest.key)).toBeUndefined();
    expect(await test.store.recall(oldest.key)).toEqual(oldest);
    expect(await objectsOf(test)).toEqual([fresh.output, older.output].sort());
    expect((await listStore(test.store)).map(({ step, hasTree }) => [step, hasTree])).toEqual([
      ["fresh", true],
      ["older", true],
      ["oldest", false],
    ]);
    expect(await collectGarbage(test.store, { now, maxBytes: 0 })).toMatchObject({ kept: 0 });
    expect(await objectsOf(test)).toEqual([]);
  });

  it("being found counts as being used", async () => {
    await using test = await openTestStore(storeOfThree);
    const { oldest } = three;
    await test.store.find(oldest.key);
    await collectGarbage(test.store, { now, maxBytes: await diskUse(test.store.objectPath(oldest.output)) });
    expect(await objectsOf(test)).toEqual([oldest.output]);
  });

  it("a disk image counts with what it takes of the disk, not with its holes", async () => {
    await using test = await openTestStore();
    const tree = join(await test.store.makeWorkFolder("disk"), "out");
    await mkdir(tree);
    await writeFile(join(tree, "disk.raw"), "boot");
    await truncate(join(tree, "disk.raw"), 2e8);
    const made = { key: keyOf("disk"), step: "disk", seconds: 1, sources: [] };
    expect((await test.store.commit(made, tree, sourceDateEpoch)).size).toBe(2e8);
    expect(await collectGarbage(test.store, { maxBytes: 1e6 })).toMatchObject({ removed: 0, kept: 1 });
    const { removed, freed } = await collectGarbage(test.store, { maxBytes: 0 });
    expect(removed).toBe(1);
    expect(freed).toBeLessThan(1e6);
  });

  it("removes old logs that belong to no result, and keeps the others", async () => {
    await using test = await openTestStore(storeOfThree);
    const { fresh } = three;
    const log = async (name: string, days: number) => {
      await writeFile(join(test.root, "logs", name), "");
      await utimes(join(test.root, "logs", name), (now - days * day) / 1000, (now - days * day) / 1000);
    };
    const own = `fresh.${fresh.key.slice(0, 12)}.log`;
    await log(own, 50);
    await log("failed.0123456789ab.log", 0.5);
    await log("forgotten.ba9876543210.log", 2);
    await collectGarbage(test.store, { now });
    expect((await readdir(join(test.root, "logs"))).sort()).toEqual(["failed.0123456789ab.log", own]);
  });
});
