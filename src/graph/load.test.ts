import { execFile } from "node:child_process";
import { mkdir, mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { projectRoot } from "../base/mod.ts";
import { recipe } from "../recipe/mod.ts";
import { loadRecipes, withRecipes } from "./load.ts";

const door = `import { recipe } from "${join(projectRoot, "src/recipe/mod.ts")}";\n`;
const rest = `summary: "S", build: () => "b", test: () => "t"`;

/** A folder of recipes; what is no whole file is the inside of a `recipe()` call. */
async function recipeFolder(recipes: Record<string, string>) {
  const folder = await mkdtempDisposable(join(tmpdir(), "hadron-recipes-"));
  for (const [name, text] of Object.entries(recipes)) {
    await mkdir(join(folder.path, name));
    const isFile = text.includes("\n");
    await writeFile(
      join(folder.path, name, "recipe.ts"),
      isFile ? text : `${door}export default recipe({ name: "${name}", ${rest}${text && `, ${text}`} });\n`,
    );
  }
  return folder;
}

/** How Node itself, rather than the test runner, loads them: the fields of the error. */
async function refusalInNode(folder: string): Promise<Record<string, string>> {
  const script = `
    const { loadRecipes } = await import("${join(import.meta.dirname, "load.ts")}");
    const error = await loadRecipes("${folder}").then(() => ({}), (error) => error);
    console.log(JSON.stringify({ ...error, message: error.message }));`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script]);
  return JSON.parse(stdout) as Record<string, string>;
}

it("adds recipes that no folder is named after, with what they need, in order", async () => {
  const fields = { summary: "S", build: () => "b", test: () => "t" };
  const [need, image, zlib] = [
    recipe({ name: "need", ...fields }),
    recipe({ name: "app", ...fields }),
    recipe({ name: "zlib", ...fields }),
  ];
  const kernel = recipe({ name: "kernel", ...fields, needs: { trees: [need] } });
  const before = new Map([["zlib", zlib]]);
  expect([...withRecipes(before, [zlib, kernel, image]).keys()]).toEqual(["app", "kernel", "need", "zlib"]);
  expect([...before.keys()]).toEqual(["zlib"]);
  const another = recipe({ name: "zlib", ...fields });
  expect(() => withRecipes(before, [another])).toThrow(expect.objectContaining({ code: "RECIPE_DUPLICATE" }));
});

describe("loadRecipes", () => {
  it("loads every recipe of a folder and what they need, sorted by name", async () => {
    await using folder = await recipeFolder({
      zlib: "",
      app: `${door}import zlib from "../zlib/recipe.ts";\nexport default recipe({ name: "app", ${rest}, needs: { libs: [zlib] } });\n`,
    });
    await mkdir(join(folder.path, "no-recipe"));
    const recipes = await loadRecipes(folder.path);
    expect([...recipes.keys()]).toEqual(["app", "zlib"]);
    expect(recipes.get("app")?.needs?.libs?.[0]).toBe(recipes.get("zlib"));
    expect(recipes.get("app")?.position).toEqual({ file: join(folder.path, "app/recipe.ts"), line: 3 });
  });

  it("an import cycle is refused by name, with the place", async () => {
    const needing = (name: string, other: string) =>
      `${door}import other from "../${other}/recipe.ts";\nexport default recipe({ name: "${name}", ${rest}, needs: { libs: [other] } });\n`;
    await using folder = await recipeFolder({ chicken: needing("chicken", "egg"), egg: needing("egg", "chicken") });
    expect(await refusalInNode(folder.path)).toMatchObject({
      kind: "input",
      code: "RECIPE_CYCLE",
      message: expect.stringMatching(/chicken|egg/),
      at: expect.stringMatching(/\/(chicken|egg)\/recipe\.ts:3$/),
    });
  });

  it("a duplicate name is refused, with both places", async () => {
    await using folder = await recipeFolder({
      one: `${door}import two from "../shared/two.ts";\nexport default recipe({ name: "one", ${rest}, needs: { libs: [two] } });\n`,
      two: "",
    });
    await mkdir(join(folder.path, "shared"));
    await writeFile(join(folder.path, "shared/two.ts"), `${door}export default recipe({ name: "two", ${rest} });\n`);
    await expect(loadRecipes(folder.path)).rejects.toMatchObject({
      code: "RECIPE_DUPLICATE",
      message: expect.stringContaining('"two"'),
      at: expect.stringContaining("/two/recipe.ts:2"),
      hint: expect.stringContaining("/shared/two.ts:2"),
    });
  });

  it("a recipe in a folder of another name is refused, with the place", async () => {
    await using folder = await recipeFolder({ zlib: `name: "zstd"` });
    await expect(loadRecipes(folder.path)).rejects.toMatchObject({
      code: "RECIPE_NAME",
      message: expect.stringContaining('"zstd"'),
      at: expect.stringMatching(/zlib\/recipe\.ts:2$/),
    });
  });

  it("an unknown field is refused, with the line of the recipe", async () => {
    await using folder = await recipeFolder({ zlib: `colour: "blue"` });
    await expect(loadRecipes(folder.path)).rejects.toMatchObject({
      code: "RECIPE_INVALID",
      message: expect.stringContaining('"colour"'),
      at: expect.stringMatching(/zlib\/recipe\.ts:2$/),
    });
  });

  it("a need that does not exist is refused, with the recipe that names it", async () => {
    await using folder = await recipeFolder({
      zlib: `${door}import x from "../nothing/recipe.ts";\nexport default x;\n`,
    });
    expect(await refusalInNode(folder.path)).toMatchObject({
      code: "RECIPE_INVALID",
      message: expect.stringContaining("nothing"),
      at: expect.stringContaining("zlib/recipe.ts"),
    });
  });

  it("what is not TypeScript, and what exports no recipe, is refused", async () => {
    await using broken = await recipeFolder({ zlib: "export default recipe({\n" });
    expect(await refusalInNode(broken.path)).toMatchObject({
      code: "RECIPE_INVALID",
      at: expect.stringContaining("zlib/recipe.ts"),
    });
    await using empty = await recipeFolder({ zlib: "export const a = 1;\n" });
    await expect(loadRecipes(empty.path)).rejects.toMatchObject({
      code: "RECIPE_INVALID",
      hint: expect.stringContaining("export default"),
    });
  });
});
