import { mkdir, mkdtempDisposable, readdir, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { sha256 } from "../base/mod.ts";
import { removeUnnamed } from "./unnamed.ts";

const day = 86_400_000;
const now = Date.UTC(2026, 5, 1);
const [named, old, fresh] = ["named", "old", "fresh"].map(sha256) as [string, string, string];

it("removes what no lock names and what was not used lately, and says what that freed", async () => {
  await using cache = await mkdtempDisposable(join(tmpdir(), "hadron-unnamed-"));
  const put = async (path: string, days: number) => {
    const file = join(cache.path, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, "x".repeat(50_000));
    const used = (now - days * day) / 1000;
    await utimes(path.startsWith("toolbox") ? join(cache.path, "toolbox", path.split("/")[1] ?? "") : file, used, used);
  };
  for (const [digest, days] of [
    [named, 100],
    [old, 10],
    [fresh, 0.5],
  ] as const)
    for (const path of [`toolbox/${digest}/file`, `packages/${digest}`, `sources/${digest}`, `sources/${digest}.json`])
      await put(path, days);
  // What interrupted downloads left is not this function's business.
  await put(`sources/${old}.1.0.part`, 10);

  const set = new Set([named]);
  const all = { toolbox: set, packages: set, sources: set };
  const removed = await removeUnnamed(cache.path, all, { now });
  expect(Object.values(removed).map((it) => it.removed)).toEqual([1, 1, 1]);
  for (const { freed } of Object.values(removed)) expect(freed).toBeGreaterThanOrEqual(50_000);
  expect((await readdir(join(cache.path, "toolbox"))).sort()).toEqual([fresh, named].sort());
  expect((await readdir(join(cache.path, "packages"))).sort()).toEqual([fresh, named].sort());
  expect((await readdir(join(cache.path, "sources"))).sort()).toEqual(
    [fresh, `${fresh}.json`, named, `${named}.json`, `${old}.1.0.part`].sort(),
  );

  await removeUnnamed(cache.path, all, { now, olderThanDays: 0 });
  expect(await readdir(join(cache.path, "toolbox"))).toEqual([named]);
});

it("does nothing in a cache that is empty", async () => {
  const none = new Set<string>();
  const removed = await removeUnnamed("/nonexistent", { toolbox: none, packages: none, sources: none });
  expect(removed.toolbox).toEqual({ removed: 0, freed: 0 });
});
