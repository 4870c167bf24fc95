import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeKey } from "../attest/mod.ts";
import type { Event } from "../base/mod.ts";
import { trustAnyone } from "../engine/mod.ts";
import { cacheTrust, warnOfForeignWord } from "./cache-trust.ts";

const registry = "oci://registry.example/hadron/cache";

const trustOf = (cacheFrom: string[], named: string[] = [], allowTestKey = false) =>
  cacheTrust({ cacheFrom, cacheTrust: named, allowTestKey });

describe("whose word counts for a cache", () => {
  it("is not asked of a folder that is named without a key", async () => {
    expect(await trustOf(["/media/stick"])).toBe(trustAnyone);
  });

  it("has to be said of a registry", async () => {
    await expect(trustOf(["/media/stick", registry])).rejects.toMatchObject({
      kind: "usage",
      code: "CACHE_TRUST_MISSING",
      at: registry,
      hint: expect.stringContaining("--cache-trust FILE.pub"),
    });
  });

  it("is anybody's where the user says so", async () => {
    expect(await trustOf([registry], ["none"])).toBe(trustAnyone);
  });

  it("is not anybody's and a key's at once", async () => {
    await expect(trustOf([registry], ["none", "cache.pub"])).rejects.toMatchObject({
      kind: "usage",
      code: "USAGE_VALUE",
    });
  });

  it("is a key's, of a folder too, and no key's that was made for tests unless that is allowed", async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "hadron-trust-"));
    const { publicPath } = await makeKey(join(folder.path, "test.key"), { test: true });
    await expect(trustOf([registry], [publicPath])).rejects.toMatchObject({ kind: "input", code: "KEY_TEST" });
    const trust = await trustOf(["/media/stick"], [publicPath], true);
    const facts = { key: "0".repeat(64), step: "zlib", output: "1".repeat(64), size: 1, seconds: 1, sources: [] };
    expect(() => trust(facts, undefined)).toThrow(expect.objectContaining({ code: "CACHE_ENTRY_UNSIGNED" }));
  });

  it("is not a key's that is not there", async () => {
    await expect(trustOf([registry], ["/nonexistent.pub"])).rejects.toMatchObject({ code: "KEY_MISSING" });
  });
});

describe("who signs what goes to a cache", () => {
  const all = { cacheFrom: ["/media/stick"], cacheTo: [registry], cacheKey: "cache.key" };
  const codes = (
    input: Partial<Omit<typeof all, "cacheKey">> & { cacheKey?: string | undefined },
    trust = trustAnyone,
  ) => {
    const events: Event[] = [];
    warnOfForeignWord({ ...all, ...input }, trust, (event) => void events.push(event));
    return events.map((event) => "code" in event && event.code);
  };

  it("is warned of vouching for what nobody vouched for", () => {
    expect(codes({})).toEqual(["CACHE_KEY_FOREIGN"]);
  });

  it("is not where nothing is signed, taken or sent, or only what a trusted key signed is taken", () => {
    const quiet = [{ cacheKey: undefined }, { cacheFrom: [] }, { cacheTo: [] }];
    expect(quiet.map((input) => codes(input))).toEqual([[], [], []]);
    expect(codes({}, () => {})).toEqual([]);
  });
});
