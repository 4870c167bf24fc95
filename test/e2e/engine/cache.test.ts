import { mkdtempDisposable, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { entrySigner, entryTrust, makeKey, readSigningKey } from "../../../src/attest/mod.ts";
import { type Event, silent } from "../../../src/base/mod.ts";
import {
  type EntrySigner,
  type EntryTrust,
  exportCache,
  openCaches,
  type StepResult,
  trustAnyone,
} from "../../../src/engine/mod.ts";
import type { Step } from "../../../src/graph/mod.ts";
import { type Descriptor, openLayout } from "../../../src/oci/mod.ts";
import { openWorkbench, step, type Workbench } from "./workbench.ts";

const compiler = step("compiler", "head -c 50000 /dev/zero | sha256sum > /out/cc; head -c 90000 /dev/zero > /out/data");
const library = step("library", "cat /needs/compiler/cc > /out/lib; echo library > /out/name", ["compiler"]);
const image = step("image", "cat /needs/library/lib > /out/image", ["library"]);
const chain = [compiler, library, image];

/** A cache folder with the outputs of these steps. */
async function exported(bench: Workbench, steps: Step[], signer?: EntrySigner): Promise<string> {
  const folder = join(bench.root, "exported");
  const built = await bench.build(steps);
  await exportCache(bench.store, [...built.values()], folder, { emit: silent, signer });
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
    const caches = await openCaches([folder], here.store, { emit: silent, trust: trustAnyone });
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
    const caches = await openCaches([folder], here.store, { emit: silent, trust: trustAnyone });
    const built = await here.build(chain, ["image"], { caches });
    expect(here.outcomes()).toEqual(["built image", "imported compiler", "imported library"]);
    const objects = await readdir(join(here.root, "objects"));
    expect(objects).toHaveLength(2);
    expect(objects).toContain(built.get("image")?.output);
  });

  it("an altered entry is refused, reported and built instead", () => isBuiltInstead(flipByte));

  it("a truncated entry is refused, reported and built instead", () =>
    isBuiltInstead((bytes) => bytes.subarray(0, bytes.length >> 1)));

  it("whose entries the trusted key signed is used instead of building", async () => {
    await using there = await openWorkbench();
    await using keys = await makeKeys();
    const folder = await exported(there, chain, keys.ours);
    await using here = await openWorkbench();
    const caches = await openCaches([folder], here.store, { emit: silent, trust: keys.trust });
    await here.build(chain, ["image"], { caches });
    expect(here.outcomes()).toEqual(["imported compiler", "imported image", "imported library"]);
  });

  it("of which one entry is not signed, has it refused, reported and built instead", () =>
    isUntrusted(async (_, { [signature]: _gone, ...rest }) => rest));

  it("of which one entry another key signed, has it refused, reported and built instead", () =>
    isUntrusted(async (_, said, { others, results }) => ({
      ...said,
      [signature]: await others.sign(resultOf(results, "compiler")),
    })));

  it("of which one entry is another step's, whole and signed, has it refused, reported and built instead", () =>
    isUntrusted(async (all, said) => ({ ...all.get("library"), [key]: said[key] ?? "" })));

  it("a damaged entry that is not needed does no harm", async () => {
    await using there = await openWorkbench();
    const folder = await exported(there, chain);
    await damageBlob(folder, flipByte);
    await using here = await openWorkbench();
    const caches = await openCaches([folder], here.store, {
      emit: (event) => here.events.push(event),
      trust: trustAnyone,
    });
    await here.build(chain, ["image"], { caches });
    expect(here.outcomes()).toEqual(["imported compiler", "imported image", "imported library"]);
    expect(warnings(here)).toEqual([]);
  });

  it("an entry that promises another output than the step has leads to the true one", async () => {
    await using there = await openWorkbench();
    const folder = await exported(there, chain);
    await promiseAnotherOutput(folder);
    await using here = await openWorkbench();
    const caches = await openCaches([folder], here.store, {
      emit: (event) => here.events.push(event),
      trust: trustAnyone,
    });
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
  const caches = await openCaches([folder], here.store, {
    emit: (event) => here.events.push(event),
    trust: trustAnyone,
  });
  const built = await here.build(chain, undefined, { caches });
  expect(here.outcomes()).toContain("built compiler");
  expect(here.outcomes()).not.toContain("built library");
  expect(warnings(here)).toEqual(["CACHE_ENTRY_REFUSED"]);
  expect(await readFile(join(built.get("image")?.path ?? "", "image"), "utf8")).toMatch(/^[0-9a-f]{64} /);
  expect(await readdir(join(here.root, "work"))).toEqual([]);
}

const key = "io.hadron.step.key";
const signature = "io.hadron.step.signature";
type Annotations = Record<string, string>;

interface Keys extends AsyncDisposable {
  ours: EntrySigner;
  others: EntrySigner;
  /** Believes ours alone. */
  trust: EntryTrust;
}

async function makeKeys(): Promise<Keys> {
  const folder = await mkdtempDisposable(join(tmpdir(), "hadron-cache-keys-"));
  const make = async (name: string) => makeKey(join(folder.path, name), { test: false });
  const [ours, others] = [await make("ours.key"), await make("others.key")];
  return {
    ours: entrySigner(await readSigningKey(ours.path)),
    others: entrySigner(await readSigningKey(others.path)),
    trust: entryTrust([ours.publicKey]),
    [Symbol.asyncDispose]: () => folder.remove(),
  };
}

function resultOf(results: readonly StepResult[], id: string): StepResult {
  const found = results.find(({ step }) => step === id);
  if (found) return found;
  throw new Error(`There is no result of ${id}`);
}

/**
 * What happens to a cache of which somebody else changes the compiler's entry, where a key is trusted.
 * @param change Makes what the entry says of itself, from what all say by step, and from what it said
 */
async function isUntrusted(
  change: (
    all: ReadonlyMap<string, Annotations>,
    said: Annotations,
    options: Keys & { results: StepResult[] },
  ) => Promise<Annotations>,
): Promise<void> {
  await using there = await openWorkbench();
  await using keys = await makeKeys();
  const folder = await exported(there, chain, keys.ours);
  const truth = await there.build(chain);
  const layout = openLayout(folder);
  const { manifests } = await layout.readIndex();
  const nameOf = ({ annotations = {} }: Descriptor): string => annotations["io.hadron.step.name"] ?? "";
  const all = new Map(manifests.map((descriptor) => [nameOf(descriptor), descriptor.annotations ?? {}]));
  const changed = manifests.map(async (descriptor) => {
    if (nameOf(descriptor) !== "compiler") return descriptor;
    const annotations = await change(all, descriptor.annotations ?? {}, { ...keys, results: [...truth.values()] });
    const manifest = await layout.readJson<object>(descriptor);
    return { ...(await layout.writeJson({ ...manifest, annotations }, descriptor.mediaType)), annotations };
  });
  await layout.writeIndex(await Promise.all(changed));
  await using here = await openWorkbench();
  const emit = (event: Event) => void here.events.push(event);
  const caches = await openCaches([folder], here.store, { emit, trust: keys.trust });
  const built = await here.build(chain, undefined, { caches });
  expect(here.outcomes()).toEqual(["built compiler", "imported image", "imported library"]);
  expect(warnings(here)).toEqual(["CACHE_ENTRY_REFUSED"]);
  for (const { id } of chain) expect(built.get(id)?.output).toBe(truth.get(id)?.output);
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
