import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { downloadFolders, removeStaleParts } from "./stale-parts.ts";

it("removes what dead processes left, and nothing that is whole or being written", async () => {
  const root = mkdtempSync(join(tmpdir(), "hadron-stale-"));
  try {
    expect(await removeStaleParts(downloadFolders.map((name) => join(root, name)))).toEqual({ removed: 0, freed: 0 });
    const dead = 2 ** 22 + 1;
    for (const folder of ["packages", "sources"]) mkdirSync(join(root, folder));
    for (const path of [
      "packages/aa",
      `packages/bb.${dead}.0.part`,
      `sources/cc.${dead}.12.part`,
      `sources/cc.json.${dead}.0a1b2c3d.part`,
      `sources/dd.${process.pid}.0.part`,
    ])
      writeFileSync(join(root, path), "12345");
    expect(await removeStaleParts(downloadFolders.map((name) => join(root, name)))).toEqual({ removed: 3, freed: 15 });
    expect(readdirSync(join(root, "packages"))).toEqual(["aa"]);
    expect(readdirSync(join(root, "sources"))).toEqual([`dd.${process.pid}.0.part`]);
  } finally {
    rmSync(root, { recursive: true });
  }
});
