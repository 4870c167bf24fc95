import { cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import cloud from "../../images/cloud.ts";
import container from "../../images/container.ts";
import { cacheRoot, projectRoot, type Sha256 } from "../../src/base/mod.ts";
import { ensureToolboxSet } from "../../src/engine/mod.ts";
import { loadRecipes } from "../../src/graph/mod.ts";
import { targets } from "../../src/recipe/mod.ts";
import { componentsOf, lintRoot, sharedFiles, toolboxDigests } from "../../src/rootfs/mod.ts";
import { freshFolder, stepOutput } from "./support/artifacts.ts";
import { hadronData } from "./support/hadron-command.ts";

const { loader } = targets.x86_64;
let toolbox: string;
let toolboxFiles: Set<Sha256>;

beforeAll(async () => {
  toolbox = (await ensureToolboxSet("build", { cacheRoot: cacheRoot() })).path;
  toolboxFiles = await toolboxDigests(toolbox);
});

/** The trees that are shipped, against every linter, and against the toolbox that they were built in. */
describe.each([cloud, container].map((image) => [image.name, image] as const))("the root tree of %s", (_, image) => {
  let root: string;

  beforeAll(async () => {
    root = await stepOutput("root", image);
  });

  it("passes every linter: our compiler's, stripped, complete, no setuid, nothing of the toolbox", () => {
    expect(lintRoot(root, { loader, toolboxFiles })).toEqual([]);
  });

  it("has no file that two components bring", async () => {
    const recipes = await loadRecipes(join(projectRoot, "recipes"));
    const names = componentsOf({ image, recipes }).map(({ name }) => name);
    const { steps } = await hadronData<{ steps: { step: string; path: string }[] }>(["build", ...names]);
    const trees = Object.fromEntries(steps.map(({ step, path }) => [step, path]));
    expect(Object.keys(trees)).toEqual(expect.arrayContaining(names));
    expect(sharedFiles(root, trees)).toEqual([]);
  });
});

it("a root tree with a program of the toolbox planted in it is refused by name", async () => {
  const planted = join(await freshFolder("root-tree"), "root");
  await mkdir(join(planted, "usr/bin"), { recursive: true });
  await cp(join(toolbox, "usr/bin/gzip"), join(planted, "usr/bin/gzip"));
  const findings = lintRoot(planted, { loader, toolboxFiles }).filter(({ path }) => path === "usr/bin/gzip");
  const linters = findings.map(({ linter }) => linter);
  expect(linters).toContain("toolbox-files");
  expect(linters).toContain("foreign-text");
  expect(findings.every(({ hint }) => hint.length > 0)).toBe(true);
});
