import { spawnSync } from "node:child_process";
import { mkdir, mkdtempDisposable, readdir, readFile, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { HadronError } from "../../base/mod.ts";
import { listStore } from "./maintain.ts";
import { lookAtStore, openStore, storeError } from "./store.ts";
import { keyOf, openTestStore } from "./test-store.ts";

describe("the store", () => {
  it("finds what was committed, and gives its tree one time", async () => {
    await using test = await openTestStore();
    const result = await test.put("zlib", { "usr/lib/libz.so": "z" });
    expect(result).toMatchObject({ key: keyOf("zlib"), step: "zlib", size: 1, seconds: 1 });
    expect(await test.store.find(keyOf("zlib"))).toEqual(result);
    const file = join(test.store.objectPath(result.output), "usr/lib/libz.so");
    expect(await readFile(file, "utf8")).toBe("z");
    expect((await stat(file)).mtimeMs).toBe(1767225600_000);
    expect(await test.store.find(keyOf("other"))).toBeUndefined();
  });

  it("is looked at without a trace, though its folder be missing or no folder", async () => {
    await using test = await openTestStore();
    const result = await test.put("zlib", { a: "a" });
    expect(await lookAtStore(test.root).find(result.key)).toEqual(result);
    const missing = join(test.root, "nothing/here");
    expect(await lookAtStore(missing).recall(result.key)).toBeUndefined();
    expect(await listStore(lookAtStore(missing))).toEqual([]);
    expect(await readdir(test.root)).not.toContain("nothing");
    const file = join(test.store.objectPath(result.output), "a");
    await expect(lookAtStore(file).find(result.key)).rejects.toMatchObject({ code: "STORE_READ_ONLY", at: file });
  });

  it("a build counts as use of what it finds, a look does not", async () => {
    await using test = await openTestStore();
    const { key } = await test.put("zlib", { a: "a" });
    const file = join(test.root, "results", `${key}.json`);
    const lastUsed = async () => (await stat(file)).mtimeMs;
    await utimes(file, 1000, 1000);
    await lookAtStore(test.root).find(key);
    await lookAtStore(test.root).recall(key);
    expect(await lastUsed()).toBe(1_000_000);
    await test.store.find(key);
    expect(await lastUsed()).toBeGreaterThan(1_000_000);
  });

  it("keeps equal outputs once", async () => {
    await using test = await openTestStore();
    const one = await test.put("one", { a: "same" });
    const two = await test.put("two", { a: "same" });
    expect(two.output).toBe(one.output);
    expect(await readdir(join(test.root, "objects"))).toEqual([one.output]);
    expect(await test.store.find(keyOf("one"))).toBeDefined();
  });

  it("does not find an output that is lost, but still knows what it was", async () => {
    await using test = await openTestStore();
    const result = await test.put("zlib", { a: "a" });
    await rm(test.store.objectPath(result.output), { recursive: true });
    expect(await test.store.find(result.key)).toBeUndefined();
    expect(await test.store.recall(result.key)).toEqual(result);
  });

  it("takes a damaged result for none", async () => {
    await using test = await openTestStore();
    const { key, output } = await test.put("zlib", { a: "a" });
    const file = join(test.root, "results", `${key}.json`);
    const whole = JSON.parse(await readFile(file, "utf8"));
    const damaged = [
      "",
      "{",
      "null",
      "[]",
      `{"key":"${key}"}`,
      JSON.stringify({ ...whole, output: "../../etc" }),
      JSON.stringify({ ...whole, key: output }),
    ];
    for (const text of damaged) {
      await writeFile(file, text);
      expect(await test.store.find(key)).toBeUndefined();
    }
    await test.put("zlib", { a: "a" });
    expect(await test.store.find(key)).toBeDefined();
  });

  it("remembers which engine ran a step, where it was not the sandbox", async () => {
    await using test = await openTestStore();
    const result = await test.put("zlib", { a: "a" });
    expect(await test.store.find(result.key)).not.toHaveProperty("engine");
    await test.store.remember({ ...result, engine: "docker" });
    expect(await test.store.find(result.key)).toEqual({ ...result, engine: "docker" });
    const file = join(test.root, "results", `${result.key}.json`);
    await writeFile(file, (await readFile(file, "utf8")).replace('"docker"', '"other"'));
    expect(await test.store.find(result.key)).toEqual(result);
  });

  it("remembers whose bytes the sources were, and nothing that is no source", async () => {
    await using test = await openTestStore();
    const { key, sources } = await test.put("zlib", { a: "a" });
    expect(sources).toMatchObject([{ name: "zlib", origin: "debian-repack" }]);
    const file = join(test.root, "results", `${key}.json`);
    const whole = JSON.parse(await readFile(file, "utf8"));
    expect(whole.sources).toEqual(sources);
    await writeFile(file, JSON.stringify({ ...whole, sources: [...whole.sources, null, { name: "x", origin: "?" }] }));
    expect((await test.store.find(key))?.sources).toEqual(sources);
  });

  it("removes an output at once, and finds no harm in one that is not there", async () => {
    await using test = await openTestStore();
    const { key, output } = await test.put("zlib", { a: "a" });
    await test.store.remove(output);
    await test.store.remove(output);
    expect(await test.store.find(key)).toBeUndefined();
    expect(await readdir(join(test.root, "objects"))).toEqual([]);
    expect((await readdir(join(test.root, "work"))).filter((name) => name.includes("removed"))).toEqual([]);
  });

  it("refuses an output that holds what is no file, and remembers nothing of it", async () => {
    await using test = await openTestStore();
    const tree = join(await test.store.makeWorkFolder("piped"), "out");
    await mkdir(tree);
    spawnSync("mkfifo", [join(tree, "pipe")]);
    const commit = test.store.commit({ key: keyOf("piped"), step: "piped", seconds: 1, sources: [] }, tree, 0);
    await expect(commit).rejects.toMatchObject({ code: "TREE_SPECIAL_FILE" });
    expect(await test.store.recall(keyOf("piped"))).toBeUndefined();
    expect(await readdir(join(test.root, "objects"))).toEqual([]);
  });

  it("many processes' worth of commits of the same output at once leave it whole", async () => {
    await using test = await openTestStore();
    const results = await Promise.all(Array.from({ length: 8 }, () => test.put("zlib", { "a/b": "b", c: "c" })));
    expect(new Set(results.map(({ output }) => output)).size).toBe(1);
    expect(await test.store.find(keyOf("zlib"))).toEqual(results[0]);
    expect(await readdir(join(test.root, "objects"))).toEqual([results[0]?.output]);
  });
});

describe("opening a store", () => {
  it("removes what a dead process left unfinished, and leaves a living one's alone", async () => {
    await using test = await openTestStore();
    const dead = spawnSync("true").pid;
    const left = join(test.root, "work", `${dead}.abcd.zlib`);
    await mkdir(join(left, "out"), { recursive: true });
    await writeFile(join(left, "out/half"), "");
    await symlink("/nonexistent", join(left, "link"));
    await mkdir(join(test.root, "work/of-nobody"));
    const own = await test.store.makeWorkFolder("png");
    const store = await openStore(test.root);
    expect(await readdir(join(test.root, "work"))).toEqual([own.slice(own.lastIndexOf("/") + 1)]);
    expect(await store.find(keyOf("zlib"))).toBeUndefined();
  });

  it("a folder in which nothing can be made is refused", async () => {
    await expect(openStore("/sys/hadron-cache")).rejects.toMatchObject({
      kind: "store",
      code: "STORE_READ_ONLY",
      at: "/sys/hadron-cache",
      hint: expect.stringContaining("HADRON_CACHE"),
    });
  });

  it("a file in the folder's place, or in that of a folder in it, is refused", async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "hadron-store-"));
    await writeFile(join(folder.path, "file"), "");
    await expect(openStore(join(folder.path, "file"))).rejects.toMatchObject({ code: "STORE_READ_ONLY" });
    await writeFile(join(folder.path, "objects"), "");
    await expect(openStore(folder.path)).rejects.toMatchObject({ code: "STORE_READ_ONLY" });
  });
});

it("what a killed process was writing beside a result is removed at the next opening", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "hadron-store-"));
  await openStore(folder.path);
  const living = `a.json.${process.pid}.0badcafe.part`;
  for (const name of ["a.json.999999999.0badcafe.part", living])
    await writeFile(join(folder.path, "results", name), "{");
  await openStore(folder.path);
  expect(await readdir(join(folder.path, "results"))).toEqual([living]);
});

it("a cache folder in /proc is refused instead of waited for", async () => {
  await expect(openStore("/proc/hadron")).rejects.toMatchObject({ code: "STORE_READ_ONLY" });
});

describe("storeError", () => {
  it("says what a full disk or a quota means, and leaves other errors as they are", () => {
    const error = (code: string, syscall = "write") => Object.assign(new Error(code), { code, syscall });
    for (const code of ["ENOSPC", "EDQUOT"])
      expect(storeError(error(code), "/cache")).toMatchObject({
        kind: "store",
        code: "STORE_FULL",
        hint: expect.stringContaining("hadron store gc"),
      });
    for (const other of [error("EIO"), error("EACCES", "spawn bwrap"), new Error("x"), "text"])
      expect(storeError(other, "/cache")).toBe(other);
    const known = new HadronError("x", { kind: "step", code: "STEP_FAILED", hint: "See the log" });
    expect(storeError(known, "/cache")).toBe(known);
  });
});
