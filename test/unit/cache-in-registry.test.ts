import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Event } from "../../src/base/mod.ts";
import { exportToRegistry, openCaches, type StepResult, trustAnyone } from "../../src/engine/mod.ts";
import { openTestStore, type TestStore } from "../../src/engine/store/test-store.ts";
import { mediaTypes, parseReference, type Reference, type RegistryOptions } from "../../src/oci/mod.ts";
import { openTestRegistry, refuse, type TestRegistry } from "../../src/oci/registry/test-registry.ts";

/** Where two steps were built, and a registry with the output of the first; both are only read. */
let there: TestStore;
let zlib: StepResult;
let png: StepResult;
let exported: TestRegistry;
beforeAll(async () => {
  there = await openTestStore();
  zlib = await there.put("zlib", { "usr/lib/libz.so": "z".repeat(5000), "usr/include/zlib.h": "h" });
  png = await there.put("png", { a: "a" });
  exported = await openTestRegistry();
  const options = { environment: { HOME: there.root }, plainHttp: [exported.host] };
  expect(await exportToRegistry(there.store, [zlib], repositoryOf(exported), options)).toMatchObject({ entries: 1 });
});
afterAll(async () => {
  await exported[Symbol.asyncDispose]();
  await there[Symbol.asyncDispose]();
});

const blob = { mediaType: "a/b", digest: `sha256:${"0".repeat(64)}`, size: 1 };

function repositoryOf({ host }: TestRegistry): Reference {
  const { tag: _, ...reference } = parseReference(`${host}/some/cache`);
  return reference;
}

/** A registry with the output of one step, `zlib`, and an empty store to import it to. */
async function exportedStep() {
  const stack = new AsyncDisposableStack();
  const here = stack.use(await openTestStore());
  const registry = stack.use(await openTestRegistry({ like: exported }));
  const events: Event[] = [];
  const options: RegistryOptions = {
    environment: { HOME: here.root },
    plainHttp: [registry.host],
    patience: { attempts: 2, firstPause: 1 },
  };
  const send = (result: StepResult) => exportToRegistry(there.store, [result], repositoryOf(registry), options);
  const from = `oci://${registry.host}/some/cache`;
  const open = (places = [from]) =>
    openCaches(places, here.store, { emit: (event) => events.push(event), trust: trustAnyone, registry: options });
  return {
    ...{ here, registry, result: zlib, events, options, from, send, open },
    warnings: () => events.flatMap((event) => (event.type === "warning" ? [event.code] : [])),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

describe("a cache in a registry", () => {
  it("says an output's digest without unpacking it, brings the same tree, and has nothing of other steps", async () => {
    await using it = await exportedStep();
    const caches = await it.open();
    expect(await caches.look(it.result.key, { id: "zlib" })).toEqual(it.result);
    expect(await readdir(join(it.here.root, "objects"))).toEqual([]);
    expect(await caches.take(it.result, { id: "zlib" })).toEqual(it.result);
    const file = join(it.here.store.objectPath(it.result.output), "usr/include/zlib.h");
    expect(await readFile(file, "utf8")).toBe("h");
    expect(await caches.look("0".repeat(64), { id: "other" })).toBeUndefined();
    expect(it.warnings()).toEqual([]);
    expect(await readdir(join(it.here.root, "work"))).toEqual([]);
  });

  it("gets nothing twice", async () => {
    await using it = await exportedStep();
    it.registry.requests.length = 0;
    expect(await it.send(it.result)).toEqual({ entries: 0, bytes: 0 });
    expect(it.registry.requests.filter((request) => !request.startsWith("GET "))).toEqual([]);
  });

  it.each([
    ["is no JSON", "garbage", mediaTypes.manifest],
    ["is a page", "<html></html>", "text/html"],
    ["is too large", " ".repeat((4 << 20) + 1), mediaTypes.manifest],
    ["is an image's", JSON.stringify({ schemaVersion: 2, config: blob, layers: [blob] }), mediaTypes.manifest],
  ])("gets an entry anew whose manifest %s", async (_, text, type) => {
    await using it = await exportedStep();
    it.registry.manifests.set(it.result.key, { type, bytes: Buffer.from(text) });
    expect(await it.send(it.result)).toMatchObject({ entries: 1 });
    const caches = await it.open();
    expect(await caches.take(it.result, { id: "zlib" })).toEqual(it.result);
    expect(it.warnings()).toEqual([]);
    expect(await it.send(it.result)).toMatchObject({ entries: 0 });
  });

  it("that fails gets nothing", async () => {
    await using it = await exportedStep();
    it.registry.interfere = (_, response) => refuse(response, 503, "UNAVAILABLE");
    await expect(it.send(it.result)).rejects.toMatchObject({ code: "REGISTRY_FAILED" });
    expect(it.registry.requests.filter((request) => !request.startsWith("GET "))).toEqual([]);
  });

  it("that fails is reported once and not asked again, and the next one is asked", async () => {
    await using it = await exportedStep();
    await using broken = await openTestRegistry();
    broken.interfere = (_, response) => refuse(response, 403, "DENIED");
    it.options.plainHttp = [it.registry.host, broken.host];
    const caches = await it.open([`oci://${broken.host}/some/cache`, it.from]);
    expect(await caches.look(it.result.key, { id: "zlib" })).toEqual(it.result);
    expect(await caches.take(it.result, { id: "zlib" })).toEqual(it.result);
    await caches.look("0".repeat(64), { id: "other" });
    expect(it.warnings()).toEqual(["CACHE_UNREACHABLE"]);
    expect(broken.requests).toHaveLength(1);
  });

  it("that fails after it was asked is reported once and not asked again, and the next one is asked", async () => {
    await using it = await exportedStep();
    await it.send(png);
    await using other = await openTestRegistry({ like: exported });
    it.options.plainHttp = [it.registry.host, other.host];
    const caches = await it.open([it.from, `oci://${other.host}/some/cache`]);
    for (const { key, step } of [zlib, png]) await caches.look(key, { id: step });
    it.registry.requests.length = 0;
    it.registry.interfere = (_, response) => refuse(response, 503, "UNAVAILABLE");
    expect(await caches.take(zlib, { id: "zlib" })).toEqual(zlib);
    expect(await caches.take(png, { id: "png" })).toBeUndefined();
    expect(it.warnings()).toEqual(["CACHE_UNREACHABLE"]);
    // As often as one thing is tried.
    expect(it.registry.requests).toHaveLength(2);
    expect(await readdir(join(it.here.root, "work"))).toEqual([]);
  });

  it("that lacks the blob of an entry has others that are taken", async () => {
    await using it = await exportedStep();
    await it.send(png);
    const isOfZlib = (digest: string) => exported.blobs.get(digest)?.toString() !== "{}";
    for (const digest of [...exported.blobs.keys()].filter(isOfZlib)) it.registry.blobs.delete(digest);
    const caches = await it.open();
    expect(await caches.take(zlib, { id: "zlib" })).toBeUndefined();
    expect(await caches.take(png, { id: "png" })).toEqual(png);
    expect(it.warnings()).toEqual(["CACHE_ENTRY_REFUSED"]);
  });

  it("whose credentials can't be read is reported once", async () => {
    await using it = await exportedStep();
    await writeFile(join(it.here.root, "config.json"), "{");
    it.options.environment = { DOCKER_CONFIG: it.here.root };
    const authenticate = { "www-authenticate": 'Basic realm="test"' };
    it.registry.interfere = (_, response) => refuse(response, 401, "UNAUTHORIZED", authenticate);
    const caches = await it.open();
    for (const { key, step } of [zlib, png]) await caches.look(key, { id: step });
    expect(it.warnings()).toEqual(["CACHE_UNREACHABLE"]);
  });

  it("with an entry of another step under the key is refused and reported", async () => {
    await using it = await exportedStep();
    await it.send(png);
    const planted = it.registry.manifests.get(png.key);
    if (planted) it.registry.manifests.set(it.result.key, planted);
    const caches = await it.open();
    expect(await caches.look(it.result.key, { id: "zlib" })).toBeUndefined();
    expect(it.warnings()).toEqual(["CACHE_ENTRY_REFUSED"]);
  });

  it("with altered bytes is refused and reported", async () => {
    await using it = await exportedStep();
    for (const [digest, bytes] of it.registry.blobs) it.registry.blobs.set(digest, Buffer.alloc(bytes.length));
    const caches = await it.open();
    expect(await caches.take(it.result, { id: "zlib" })).toBeUndefined();
    expect(it.warnings()).toEqual(["CACHE_ENTRY_REFUSED"]);
    expect(await readdir(join(it.here.root, "objects"))).toEqual([]);
  });

  it("is not asked offline", async () => {
    await using it = await exportedStep();
    it.registry.requests.length = 0;
    const caches = await openCaches([it.from], it.here.store, {
      emit: (event) => it.events.push(event),
      trust: trustAnyone,
    });
    expect(await caches.look(it.result.key, { id: "zlib" })).toBeUndefined();
    expect(it.registry.requests).toEqual([]);
    expect(it.events).toMatchObject([{ type: "note" }]);
  });

  it.each([":tag", `@sha256:${"0".repeat(64)}`])("is named without a tag or digest (%s)", async (more) => {
    await using it = await exportedStep();
    await expect(it.open([`${it.from}${more}`])).rejects.toMatchObject({ kind: "usage", code: "REFERENCE_INVALID" });
  });
});
