import { cp, mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { projectRoot } from "../base/mod.ts";
import { readSourceLock, readToolboxLock, toolboxSetDigest } from "../engine/mod.ts";
import { namedFiles } from "./named-files.ts";

it("names every source, package and toolbox tree of the checkout's locks", async () => {
  const { toolbox, packages, sources } = await namedFiles(projectRoot);
  expect(toolbox).toContain(await toolboxSetDigest("build"));
  for (const { candidates } of Object.values(readSourceLock().sources))
    for (const { sha256 } of candidates) expect(sources).toContain(sha256);
  for (const set of Object.values((await readToolboxLock()).sets))
    for (const { sha256 } of set.packages) expect(packages).toContain(sha256);
});

it("refuses a lock that is damaged, so that nothing is removed by it", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "hadron-named-"));
  for (const name of ["sources.lock.json", "toolbox.lock.json"])
    await cp(join(projectRoot, name), join(folder.path, name));
  await writeFile(join(folder.path, "toolbox.lock.json"), "{}");
  await expect(namedFiles(folder.path)).rejects.toMatchObject({ code: "TOOLBOX_LOCK_INVALID" });
});
