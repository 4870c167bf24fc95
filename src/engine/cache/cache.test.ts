import { cpSync } from "node:fs";
import { mkdtempDisposable, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Event, silent } from "../../base/mod.ts";
import { type Descriptor, type Layout, type Manifest, openLayout } from "../../oci/mod.ts";
import type { StepResult } from "../store/store.ts";
import { openTestStore, type TestStore } from "../store/test-store.ts";
import { annotationsOf } from "./entry.ts";
import { exportCache } from "./export.ts";
import { openCaches } from "./import.ts";
import { trustAnyone } from "./trust.ts";

/** Where two steps were built, and a cache folder with the output of the first; both are only read. */
let there: TestStore;
let zlib: StepResult;
let png: StepResult;
let exported: Awaited<ReturnType<typeof newFolder>>;
beforeAll(async () => {
  there = await openTestStore();
  zlib = await there.put("zlib", { "usr/lib/libz.so": "z".repeat(5000), "usr/include/zlib.h": "h" });
  png = await there.put("png", { a: "a" });
  exported = await newFolder();
  await exportCache(there.store, [zlib], exported.path, { emit: silent });
});
afterAll(async () => {
  await exported.remove();
  await there[Symbol.asyncDispose]();
});

const newFolder = () => mkdtempDisposable(join(tmpdir(), "hadron-cache-"));

/** A copy of the cache folder, for a test's own use. */
async function copyOfExported() {
  const folder = await newFolder();
  cpSync(exported.path, folder.path, { recursive: true });
  return folder;
}

/** A cache folder with the output of one step, `zlib`, and an empty store to import it to. */
async function exportedStep() {
  const stack = new AsyncDisposableStack();
  const here = stack.use(await openTestStore());
  const folder = stack.use(await copyOfExported());
  const layout = openLayout(folder.path);
  const [entry] = (await layout.readIndex()).manifests as [Descriptor];
  const manifest = await layout.readJson<Manifest>(entry);
  const [layer] = manifest.layers as [Descriptor];
  const events: Event[] = [];
  const caches = () =>
    openCaches([folder.path], here.store, { emit: (event) => events.push(event), trust: trustAnyone });
  return {
    ...{ here, folder: folder.path, result: zlib, layout, entry, manifest, layer, events, caches },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

type Exported = Awaited<ReturnType<typeof exportedStep>>;

/** Asks for the step, by digest and then by tree; what came of it, and the codes of the warnings. */
async function ask({ caches, result, events, here }: Exported) {
  const opened = await caches();
  const looked = await opened.look(result.key, { id: "zlib" });
  const taken = await opened.take(result, { id: "zlib" });
  expect(await readdir(join(here.root, "work"))).toEqual([]);
  return {
    isKnown: looked !== undefined,
    isTaken: taken !== undefined,
    warnings: events.flatMap((event) => (event.type === "warning" ? [event.code] : [])),
  };
}

const refused = ["CACHE_ENTRY_REFUSED"];

/** Replaces the entry's manifest, and what the index says of it. */
async function replaceManifest(layout: Layout, entry: Descriptor, manifest: Manifest, said = entry.annotations ?? {}) {
  const descriptor = await layout.writeJson(manifest, entry.mediaType);
  await layout.writeIndex([{ ...entry, ...descriptor, annotations: said }]);
}

describe("a cache folder", () => {
  it("says an output's digest without unpacking it, and brings the same tree", async () => {
    await using it = await exportedStep();
    const caches = await it.caches();
    expect(await caches.look(it.result.key, { id: "zlib" })).toEqual(it.result);
    expect(await readdir(join(it.here.root, "objects"))).toEqual([]);
    expect(await caches.take(it.result, { id: "zlib" })).toEqual(it.result);
    expect(await it.here.store.find(it.result.key)).toEqual(it.result);
    const file = join(it.here.store.objectPath(it.result.output), "usr/include/zlib.h");
    expect(await readFile(file, "utf8")).toBe("h");
    expect(await caches.look("0".repeat(64), { id: "other" })).toBeUndefined();
    expect(it.events).toEqual([]);
  });

  it("is the same whichever engine ran a step, so that those who sign it can join", async () => {
    await using folder = await newFolder();
    await exportCache(there.store, [{ ...zlib, engine: "docker" }], folder.path, { emit: silent });
    const [entry] = (await openLayout(folder.path).readIndex()).manifests;
    expect(entry?.annotations).toEqual(annotationsOf(zlib));
  });

  it("is the same bytes each time, and more can be added to it", async () => {
    await using it = await exportedStep();
    const again = await newFolder();
    await exportCache(there.store, [it.result], again.path, { emit: silent });
    expect(await readFile(join(again.path, "index.json"))).toEqual(await readFile(join(it.folder, "index.json")));
    await again.remove();
    const both = [it.result, png];
    expect(await exportCache(there.store, both, it.folder, { emit: silent })).toMatchObject({ entries: 1 });
    const caches = await it.caches();
    for (const result of both) expect(await caches.look(result.key, { id: "" })).toEqual(result);
  });

  it("tells how the export goes on, step by step, and nothing of what is there already", async () => {
    await using it = await exportedStep();
    await exportCache(there.store, [it.result, png], it.folder, { emit: (event) => it.events.push(event) });
    expect(it.events).toMatchObject([
      { type: "plan", total: 1 },
      { type: "step-start", step: "png" },
      { type: "step-end", step: "png", outcome: "exported" },
    ]);
  });

  it.each([
    ["missing", undefined],
    ["cut short", (bytes: Buffer) => bytes.subarray(0, 40)],
    ["something else", () => Buffer.from("null")],
  ])("gets an entry anew whose manifest is %s", async (_, damage) => {
    await using it = await exportedStep();
    const blob = it.layout.blobPath(it.entry.digest);
    if (damage) await writeFile(blob, damage(await readFile(blob)));
    else await rm(blob);
    expect(await exportCache(there.store, [it.result], it.folder, { emit: silent })).toMatchObject({ entries: 1 });
    expect(await ask(it)).toEqual({ isKnown: true, isTaken: true, warnings: [] });
    expect(await exportCache(there.store, [it.result], it.folder, { emit: silent })).toMatchObject({ entries: 0 });
  });

  it("an output that only is known, but not here, cannot be exported", async () => {
    await using it = await exportedStep();
    const more = await it.here.put("png", { a: "a" });
    await it.here.store.remove(more.output);
    await expect(exportCache(it.here.store, [more], it.folder, { emit: silent })).rejects.toMatchObject({
      kind: "store",
      code: "CACHE_OUTPUT_MISSING",
    });
  });

  it("what is no image layout is refused", async () => {
    await using it = await exportedStep();
    await expect(
      openCaches(["/nonexistent"], it.here.store, { emit: silent, trust: trustAnyone }),
    ).rejects.toMatchObject({
      kind: "input",
      code: "CACHE_NOT_FOUND",
      at: "/nonexistent",
    });
  });

  it.each(["", "{", '{"manifests": 1}', '{"manifests": [null]}', "null"])(
    "whose index is damaged (%s) is refused and reported, and the next one is asked",
    async (text) => {
      await using it = await exportedStep();
      await using other = await copyOfExported();
      await writeFile(join(it.folder, "index.json"), text);
      const caches = await openCaches([it.folder, other.path], it.here.store, {
        emit: (event) => it.events.push(event),
        trust: trustAnyone,
      });
      expect(it.events).toMatchObject([{ type: "warning", code: "CACHE_REFUSED" }]);
      expect(await caches.look(it.result.key, { id: "zlib" })).toEqual(it.result);
    },
  );

  it("the next folder is asked where an entry of the first is damaged", async () => {
    await using it = await exportedStep();
    await using other = await copyOfExported();
    await rm(it.layout.blobPath(it.layer.digest));
    const caches = await openCaches([it.folder, other.path], it.here.store, {
      emit: (event) => it.events.push(event),
      trust: trustAnyone,
    });
    expect(await caches.take(it.result, { id: "zlib" })).toEqual(it.result);
    expect(it.events).toHaveLength(1);
  });
});

describe("a cache entry is refused and reported", () => {
  it("whose blob is truncated", async () => {
    await using it = await exportedStep();
    const blob = it.layout.blobPath(it.layer.digest);
    await writeFile(blob, (await readFile(blob)).subarray(0, 40));
    expect(await ask(it)).toEqual({ isKnown: true, isTaken: false, warnings: refused });
  });

  it("whose blob is altered", async () => {
    await using it = await exportedStep();
    const blob = it.layout.blobPath(it.layer.digest);
    const bytes = await readFile(blob);
    for (let at = 0; at < bytes.length; at += 17) {
      const copy = Buffer.from(bytes);
      copy[at] = (copy[at] ?? 0) ^ 1;
      await writeFile(blob, copy);
      it.events.length = 0;
      expect(await ask(it)).toEqual({ isKnown: true, isTaken: false, warnings: refused });
    }
    expect(await readdir(join(it.here.root, "objects"))).toEqual([]);
  });

  it("whose blob is missing", async () => {
    await using it = await exportedStep();
    await rm(it.layout.blobPath(it.layer.digest));
    expect(await ask(it)).toEqual({ isKnown: true, isTaken: false, warnings: refused });
  });

  it("whose manifest is altered or missing", async () => {
    await using it = await exportedStep();
    const blob = it.layout.blobPath(it.entry.digest);
    await writeFile(blob, (await readFile(blob, "utf8")).replace("zlib", "glib"));
    expect(await ask(it)).toEqual({ isKnown: false, isTaken: false, warnings: refused });
    await rm(blob);
    it.events.length = 0;
    expect(await ask(it)).toEqual({ isKnown: false, isTaken: false, warnings: refused });
  });

  it("whose manifest and index disagree", async () => {
    await using it = await exportedStep();
    const annotations = { ...it.entry.annotations, "io.hadron.step.output": "1".repeat(64) };
    await replaceManifest(it.layout, it.entry, { ...it.manifest, annotations });
    expect(await ask(it)).toEqual({ isKnown: false, isTaken: false, warnings: refused });
  });

  it("whose output is not the one it promises", async () => {
    await using it = await exportedStep();
    const annotations = { ...it.entry.annotations, "io.hadron.step.output": "1".repeat(64) };
    await replaceManifest(it.layout, it.entry, { ...it.manifest, annotations }, annotations);
    const caches = await it.caches();
    const said = await caches.look(it.result.key, { id: "zlib" });
    expect(said?.output).toBe("1".repeat(64));
    expect(said && (await caches.take(said, { id: "zlib" }))).toBeUndefined();
    expect(it.events).toMatchObject([{ code: "CACHE_ENTRY_REFUSED" }]);
    expect(await it.here.store.recall(it.result.key)).toBeUndefined();
  });
});
