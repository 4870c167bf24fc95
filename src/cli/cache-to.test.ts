import { mkdtempDisposable, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { entryTrust, makeKey, readPublicKey } from "../attest/mod.ts";
import { type Event, silent } from "../base/mod.ts";
import { type BuildOptions, keyOf, openCaches, openStore, type StepResult } from "../engine/mod.ts";
import { type Graph, type Step, sourceDateEpoch } from "../graph/mod.ts";
import { type CacheToInput, openCacheTo } from "./cache-to.ts";
import { testContext } from "./test-context.ts";

const step = (id: string, needs: string[] = []): Step => ({
  ...{ id, at: "", script: id, env: {} },
  inputs: needs.map((need) => ({ kind: "step", step: need, mount: "/sysroot" })),
});
const steps = [step("zlib"), step("curl", ["zlib"]), step("never-built", ["curl"])];
const graph: Graph = { arch: "x86_64", steps: new Map(steps.map((one) => [one.id, one])) };

/** A store that has `zlib` and `curl`, and the folders of two caches. */
async function builtSteps() {
  const folder = await mkdtempDisposable(join(tmpdir(), "hadron-cache-to-"));
  const store = await openStore(join(folder.path, "store"));
  const sources: BuildOptions["sources"] = {
    choose: () => "",
    has: () => true,
    ensure: () => Promise.reject(new Error("There are no sources")),
  };
  const options = { store, sources, toolbox: { digest: "0".repeat(64), root: "", bubblewrap: "" } };
  const results = new Map<string, StepResult>();
  for (const one of steps.slice(0, 2)) {
    const tree = await store.makeWorkFolder(one.id);
    const key = keyOf({ options, sources }, one, (id) => results.get(id)?.output ?? "");
    results.set(one.id, await store.commit({ key, step: one.id, seconds: 1, sources: [] }, tree, sourceDateEpoch));
  }
  const events: Event[] = [];
  const share = async (wanted: string[], more: Partial<CacheToInput> = {}): Promise<void> => {
    const input = {
      ...{ cacheTo: places, cacheKey: undefined, allowTestKey: false, mirror: undefined, offline: false },
      ...{ plainHttp: [], ca: undefined, ...more },
    };
    const emit = (event: Event): void => void events.push(event);
    await (await openCacheTo(input, { ...testContext(), emit }))(graph, wanted, options);
  };
  const places = [join(folder.path, "one"), join(folder.path, "two")];
  return {
    ...{ folder: folder.path, store, results, places, share, events },
    [Symbol.asyncDispose]: () => folder.remove(),
  };
}

describe("what was built", () => {
  it("goes to several caches at once, as far as it is here, signed by the key that is named", async () => {
    await using it = await builtSteps();
    const { path: cacheKey, publicPath } = await makeKey(join(it.folder, "cache.key"), { test: false });
    await it.share(["never-built", "curl"], { cacheKey });
    const trust = entryTrust([await readPublicKey(publicPath)]);
    for (const place of it.places) {
      const caches = await openCaches([place], it.store, { emit: silent, trust });
      for (const [id, result] of it.results) expect(await caches.look(result.key, { id })).toEqual(result);
    }
  });

  it("is not handed on where it is no step of the checkout: made of what was given from outside", async () => {
    await using it = await builtSteps();
    await it.share(["cloud:sysext", "zlib"]);
    const [place = ""] = it.places;
    const caches = await openCaches([place], it.store, { emit: silent, trust: () => {} });
    const isThere = async (id: string) => (await caches.look(it.results.get(id)?.key ?? "", { id })) !== undefined;
    expect([await isThere("zlib"), await isThere("curl")]).toEqual([true, false]);
  });

  it("goes to no registry offline, and that is said", async () => {
    await using it = await builtSteps();
    const [place = ""] = it.places;
    await it.share(["zlib"], { offline: true, cacheTo: ["oci://registry.example/cache", place] });
    expect(it.events).toContainEqual({ type: "note", message: expect.stringContaining("registry.example") });
    expect(await readdir(place)).toContain("index.json");
  });

  it("is not begun to be built with a key or a place that can't be used", async () => {
    await using it = await builtSteps();
    await expect(it.share(["zlib"], { cacheKey: "/nonexistent.key" })).rejects.toMatchObject({ code: "KEY_MISSING" });
    const cacheTo = ["oci://registry.example/cache:tag"];
    await expect(it.share(["zlib"], { cacheTo })).rejects.toMatchObject({ code: "REFERENCE_INVALID" });
    expect(await readdir(it.folder)).toEqual(["store"]);
  });
});
