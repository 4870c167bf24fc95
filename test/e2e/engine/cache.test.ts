import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { exportCache, openCaches } from "../../../src/engine/mod.ts";
import type { Step } from "../../../src/graph/mod.ts";
import { openLayout } from "../../../src/oci/mod.ts";
import { openWorkbench, step, type Workbench } from "./workbench.ts";

const compiler = step("compiler", "head -c 50000 /dev/zero | sha256sum > /out/cc; head -c 90000 /dev/zero > /out/data");
const library = step("library", "cat /needs/compiler/cc > /out/lib; echo library > /out/name", ["compiler"]);
const image = step("image", "cat /needs/library/lib > /out/image", ["library"]);
const chain = [compiler, library, image];

/** A cache folder with the outputs of these steps. */
async function exported(bench: Workbench, steps: Step[]): Promise<string> {
  const folder = join(bench.root, "exported");
  const built = await bench.build(steps);
  await exportCache(bench.store, [...built.values()], folder, () => {});
  return folder;
}

/** Changes the largest blob of a cache folder: of these steps, the compiler's output. */
async function damageBlob(folder: string, change: (bytes: Buffer) => Buffer): Promise<void> {
  const { manifests } = await openLayout(folder).readIndex();
  const ofCompiler = manifests.find(({ annotations }) => Object.values(annotations ?? {}).includes("compiler"));
  const manifest = JSON.parse(await readFile(openLayout(folder).blobPath(ofCompiler?.digest ?? ""), "utf8"));
  const path = openLayout(folder).blobPath(manifest.layers[0].digest);
  await writeFile(path, change(await readFile(path)));
}

function flipByte(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy[copy.length >> 1] = (copy[copy.length >> 1] ?? 0) ^ 1;
  return copy;
}

function warnings(bench: Workbench): string[] {
  return bench.events.flatMap((event) => (event.type === "warning" ? [event.code] : []));
}

describe("a cache from another machine", () => {
  it("is used instead of building, and only what is asked for is unpacked", async () => {
    await using there = await openWorkbench();
    const folder = await exported(there, chain);
    await using here = await openWorkbench();
    const caches = await openCaches([folder], here.store, () => {});
    const built = await here.build(chain, ["image"], { caches });
    expect(here.outcomes()).toEqual(["imported compiler", "imported image", "imported library"]);
    expect(await readdir(join(here.root, "objects"))).toEqual([built.get("image")?.output]);
    await here.build(chain, ["image"]);
    expect(here.outcomes()).toEqual(["cached compiler", "cached image", "cached library"]);
  });

  it("the toolchain is not unpacked where only what comes after it is built", async () => {
    await using there = await openWorkbench();
    const folder = await exported(there, [compiler, library]);
    await using here = await openWorkbench();
    const caches = await openCaches([folder], here.store, () => {});
    const built = await here.build(chain, ["image"], { caches });
    expect(here.outcomes()).toEqual(["built image", "imported compiler", "imported library"]);
    const objects = await readdir(join(here.root, "objects"));
    expect(objects).toHaveLength(2);
    expect(objects).toContain(built.get("image")?.output);
  });

  it("an altered entry is refused, reported and built instead", () => isBuiltInstead(flipByte));

  it("a truncated entry is refused, reported and built instead", () =>
    isBuiltInstead((bytes) => bytes.subarray(0, bytes.length >> 1)));

  it("a damaged entry that is not needed does no harm", async () => {
    await using there = await openWorkbench();
    const folder = await exported(there, chain);
    await damageBlob(folder, flipByte);
    await using here = await openWorkbench();
    const caches = await openCaches([folder], here.store, (event) => here.events.push(event));
    await here.build(chain, ["image"], { caches });
    expect(here.outcomes()).toEqual(["imported compiler", "imported image", "imported library"]);
    expect(warnings(here)).toEqual([]);
  });

  it("an entry that promises another output than the step has leads to the true one", async () => {
    await using there = await openWorkbench();
    const folder = await exported(there, chain);
    await promiseAnotherOutput(folder);
    await using here = await openWorkbench();
    const caches = await openCaches([folder], here.store, (event) => here.events.push(event));
    const built = await here.build(chain, undefined, { caches });
    const truth = await there.build(chain);
    for (const { id } of chain) expect(built.get(id)?.output).toBe(truth.get(id)?.output);
    expect(warnings(here)).toContain("CACHE_ENTRY_REFUSED");
  });
});

async function isBuiltInstead(damage: (bytes: Buffer) => Buffer): Promise<void> {
  await using there = await openWorkbench();
  const folder = await exported(there, chain);
  await damageBlob(folder, damage);
  await using here = await openWorkbench();
  const caches = await openCaches([folder], here.store, (event) => here.events.push(event));
  const built = await here.build(chain, undefined, { caches });
  expect(here.outcomes()).toContain("built compiler");
  expect(here.outcomes()).not.toContain("built library");
  expect(warnings(here)).toEqual(["CACHE_ENTRY_REFUSED"]);
  expect(await readFile(join(built.get("image")?.path ?? "", "image"), "utf8")).toMatch(/^[0-9a-f]{64} /);
  expect(await readdir(join(here.root, "work"))).toEqual([]);
}

/** Makes the compiler's entry say, in index and manifest alike, that its output has a digest of ones. */
async function promiseAnotherOutput(folder: string): Promise<void> {
  const layout = openLayout(folder);
  const { manifests } = await layout.readIndex();
  const changed = await Promise.all(
    manifests.map(async (descriptor) => {
      if (descriptor.annotations?.["io.hadron.step.name"] !== "compiler") return descriptor;
      const annotations = { ...descriptor.annotations, "io.hadron.step.output": "1".repeat(64) };
      const manifest = await layout.readJson<object>(descriptor);
      return { ...(await layout.writeJson({ ...manifest, annotations }, descriptor.mediaType)), annotations };
    }),
  );
  await layout.writeIndex(changed);
}
