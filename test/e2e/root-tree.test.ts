import { cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { cacheRoot, projectRoot, type Sha256 } from "../../src/base/mod.ts";
import { ensureToolboxSet } from "../../src/engine/mod.ts";
import { loadRecipes } from "../../src/graph/mod.ts";
import { targets } from "../../src/recipe/mod.ts";
import { componentsOf, lintRoot, sharedFiles, toolboxDigests } from "../../src/rootfs/mod.ts";
import { freshFolder, stepOutput, testedImage } from "./support/artifacts.ts";
import { hadronData } from "./support/hadron-command.ts";

/** The tree that is shipped, against every linter, and against the toolbox that it was built in. */
describe("the root tree", () => {
  let root: string;
  let toolbox: string;
  let toolboxFiles: Set<Sha256>;
  const { loader } = targets.x86_64;

  beforeAll(async () => {
    root = await stepOutput("root");
    toolbox = (await ensureToolboxSet("build", { cacheRoot: cacheRoot() })).path;
    toolboxFiles = await toolboxDigests(toolbox);
  });

  it("passes every linter: our compiler's, stripped, complete, no setuid, nothing of the toolbox", () => {
    expect(lintRoot(root, { loader, toolboxFiles })).toEqual([]);
  });

  it("has no file that two components bring", async () => {
    const recipes = await loadRecipes(join(projectRoot, "recipes"));
    const names = componentsOf({ image: testedImage, recipes }).map(({ name }) => name);
    const { steps } = await hadronData<{ steps: { step: string; path: string }[] }>(["build", ...names]);
    const trees = Object.fromEntries(steps.map(({ step, path }) => [step, path]));
    expect(Object.keys(trees)).toEqual(expect.arrayContaining(names));
    expect(sharedFiles(root, trees)).toEqual([]);
  });

  it("with a program of the toolbox planted in it is refused by name", async () => {
    const planted = join(await freshFolder("root-tree"), "root");
    await mkdir(join(planted, "usr/bin"), { recursive: true });
    await cp(join(toolbox, "usr/bin/gzip"), join(planted, "usr/bin/gzip"));
    const findings = lintRoot(planted, { loader, toolboxFiles }).filter(({ path }) => path === "usr/bin/gzip");
    const linters = findings.map(({ linter }) => linter);
    expect(linters).toContain("toolbox-files");
    expect(linters).toContain("foreign-text");
    expect(findings.every(({ hint }) => hint.length > 0)).toBe(true);
  });
});
