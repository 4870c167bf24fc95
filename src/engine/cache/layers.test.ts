import { mkdtempDisposable, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { createZstdCompress } from "node:zlib";
import { describe, expect, it } from "vitest";
import { type Event, silent } from "../../base/mod.ts";
import { packTar, type TarEntry } from "../../formats/mod.ts";
import { type Descriptor, type Manifest, mediaTypes, openLayout } from "../../oci/mod.ts";
import { openTestStore } from "../store/test-store.ts";
import { exportCache } from "./export.ts";
import { openCaches } from "./import.ts";
import { trustAnyone } from "./trust.ts";

const assembler = { "bin/as": "as".repeat(4000), "bin/ld": "ld" };
const compiler = { "bin/gcc": "gcc".repeat(4000), "lib/gcc/cc1": "cc1" };

/** Outputs of steps in a cache folder, and an empty store to import them to. */
async function exported(outputs: Record<string, Record<string, string>>) {
  const stack = new AsyncDisposableStack();
  const there = stack.use(await openTestStore());
  const here = stack.use(await openTestStore());
  const folder = stack.use(await mkdtempDisposable(join(tmpdir(), "hadron-layers-")));
  const results = [];
  for (const [name, files] of Object.entries(outputs)) results.push(await there.put(name, files));
  await exportCache(there.store, results, folder.path, { emit: silent });
  const layout = openLayout(folder.path);
  const events: Event[] = [];
  const { manifests } = await layout.readIndex();
  const entryOf = (step: string): Descriptor => {
    const found = manifests.find(({ annotations }) => annotations?.["io.hadron.step.name"] === step);
    if (found) return found;
    throw new Error(`The index has no entry of ${step}`);
  };
  return {
    ...{ there, here, layout, results, events, entryOf },
    layersOf: async (step: string) =>
      (await layout.readJson<Manifest>(entryOf(step))).layers.map(({ digest }) => digest),
    caches: () => openCaches([folder.path], here.store, { emit: (event) => events.push(event), trust: trustAnyone }),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

describe("an output that holds others whole", () => {
  it("is carried as their layers and one of its own, and comes back as it was", async () => {
    const toolchain = { ...assembler, ...compiler, "lib/gcc/specs": "harden" };
    await using it = await exported({
      binutils: assembler,
      gcc: compiler,
      toolchain,
      other: { ...toolchain, more: "" },
    });
    const [as, cc] = [await it.layersOf("binutils"), await it.layersOf("gcc")];
    const layers = await it.layersOf("toolchain");
    expect(layers).toEqual([...cc, ...as, expect.any(String)]);
    expect(await it.layersOf("other")).toEqual([...layers, expect.any(String)]);
    const caches = await it.caches();
    for (const result of it.results) expect(await caches.take(result, { id: "" })).toEqual(result);
    expect(it.events).toEqual([]);
    expect(await readdir(join(it.here.root, "work"))).toEqual([]);
  });

  it("shares nothing with one of which it has only a part, or a file that differs", async () => {
    await using it = await exported({ a: assembler, b: { ...assembler, "bin/ld": "another" }, c: { "bin/ld": "ld" } });
    const layers = [await it.layersOf("a"), await it.layersOf("b"), await it.layersOf("c")];
    expect(new Set(layers.flat()).size).toBe(3);
  });
});

it("a layer that would write through a link of another is refused, and nothing is written there", async () => {
  await using it = await exported({ zlib: { "lib/libz.so": "z" } });
  await using outside = await mkdtempDisposable(join(tmpdir(), "hadron-outside-"));
  const write = async (entry: TarEntry): Promise<Descriptor> => {
    const blob = await it.layout.writeBlob(packTar([entry], 0).pipe(createZstdCompress()));
    return { mediaType: mediaTypes.layerTarZstd, ...blob };
  };
  const link = await write({ path: "lib", type: "link", target: outside.path });
  const content = () => Readable.from(["planted"]);
  const file = await write({ path: "lib/libz.so", type: "file", mode: 0o644, size: 7, content });
  const entry = it.entryOf("zlib");
  const manifest = { ...(await it.layout.readJson<Manifest>(entry)), layers: [link, file] };
  await it.layout.writeIndex([{ ...entry, ...(await it.layout.writeJson(manifest, entry.mediaType)) }]);
  const [zlib] = it.results;
  expect(zlib && (await (await it.caches()).take(zlib, { id: "zlib" }))).toBeUndefined();
  expect(it.events).toMatchObject([{ type: "warning", code: "CACHE_ENTRY_REFUSED" }]);
  expect(await readdir(outside.path)).toEqual([]);
});
