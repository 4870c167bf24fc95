import { describe, expect, it } from "vitest";
import { importsOf, layerViolations } from "./layers.ts";
import { projectFiles } from "./tree.ts";

/** What the rules say of one planted import. */
function plant(from: string, specifier: string): string[] {
  return layerViolations(new Map([[from, `import { x } from "${specifier}";\n`]]));
}

describe("layers", () => {
  it("no import goes upward, sideways or past a folder's door", () => {
    const files = projectFiles("src/**/*.ts", "recipes/**/*.ts", "images/**/*.ts");
    expect(files.size).toBeGreaterThan(10);
    expect(layerViolations(files)).toEqual([]);
  });

  it.each([
    ["upward", "src/base/a.ts", "../graph/mod.ts", "upward"],
    ["upward from a subfolder", "src/recipe/a/b.ts", "../../engine/mod.ts", "upward"],
    ["sideways", "src/engine/a.ts", "../rootfs/mod.ts", "sideways"],
    ["sideways, the other way", "src/rootfs/lint/a.ts", "../../engine/mod.ts", "sideways"],
    ["past the door", "src/engine/a.ts", "../base/digest.ts", "bypasses src/base/mod.ts"],
    ["the agent to the builder", "src/agent/a.ts", "../recipe/mod.ts", "may not see src/recipe"],
    ["an unknown folder", "src/helpers/a.ts", "../base/mod.ts", "src/helpers has no layer"],
    ["into an unknown folder", "src/cli/a.ts", "../helpers/mod.ts", "src/helpers has no layer"],
    ["the program to a recipe", "src/graph/a.ts", "../../recipes/zlib/recipe.ts", "only src/cli"],
    ["a recipe to the engine", "recipes/zlib/recipe.ts", "../../src/engine/mod.ts", "may import src/recipe/mod.ts"],
    [
      "a recipe past the door",
      "recipes/zlib/recipe.ts",
      "../../src/recipe/builders.ts",
      "may import src/recipe/mod.ts",
    ],
    ["a recipe that does I/O", "recipes/zlib/recipe.ts", "node:fs", "is data"],
    ["an image to the engine", "images/cloud.ts", "../src/engine/mod.ts", "may import src/rootfs/mod.ts"],
    ["subprocesses outside base", "src/engine/a.ts", "execa", "belongs to src/base"],
    ["the test runner in the program", "src/engine/a.ts", "vitest", "for tests only"],
  ])("refuses %s", (_name, from, specifier, reason) => {
    const violations = plant(from, specifier);
    expect(violations).toHaveLength(1);
    expect(violations[0]).toContain(reason);
  });

  it.each([
    ["src/engine/sandbox/a.ts", "../../base/mod.ts"],
    ["src/engine/sandbox/a.ts", "../store/read.ts"],
    ["src/agent/a.ts", "../boot/mod.ts"],
    ["src/cli/commands/build.ts", "../../image/mod.ts"],
    ["recipes/kmod/recipe.ts", "../zlib/recipe.ts"],
    ["recipes/kmod/recipe.ts", "../../src/recipe/mod.ts"],
    ["images/cloud.ts", "../recipes/kmod/recipe.ts"],
  ])("allows %s to import %s", (from, specifier) => {
    expect(plant(from, specifier)).toEqual([]);
  });

  it("sees every form of import, types included", () => {
    const source = `import type { A } from "./a.ts";
import {
  b,
  c,
} from "./b.ts";
export * from "./c.ts";
import "./d.ts";
const late = await import("./e.ts");
// import { f } from "./f.ts";
/** import { g } from "./g.ts" */
const text = "copy from here";
`;
    expect(importsOf(source).sort()).toEqual(["./a.ts", "./b.ts", "./c.ts", "./d.ts", "./e.ts"]);
  });
});
