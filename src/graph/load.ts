import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { compareText, HadronError, messageOf } from "../base/mod.ts";
import type { Recipe } from "../recipe/mod.ts";

/**
 * Imports every `<folder>/<name>/recipe.ts`, sorted by name.
 * @throws HadronError `RECIPE_CYCLE`, `RECIPE_INVALID`, `RECIPE_NAME`, `RECIPE_DUPLICATE`.
 */
export async function loadRecipes(folder: string): Promise<Map<string, Recipe>> {
  const names = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const recipes = new Map<string, Recipe>();
  for (const name of names.map((entry) => entry.name).sort(compareText)) {
    const file = join(folder, name, "recipe.ts");
    if (!existsSync(file)) continue;
    const loaded = await importRecipe(file);
    checkName(loaded, name, file);
    addWithNeeds(recipes, loaded);
  }
  return new Map([...recipes].sort(([a], [b]) => compareText(a, b)));
}

/**
 * The recipes with others added that no folder is named after, and what these need: an image's kernel may be one that
 * only this image builds. Sorted by name.
 * @throws HadronError `RECIPE_DUPLICATE`
 */
export function withRecipes(recipes: ReadonlyMap<string, Recipe>, more: readonly Recipe[]): Map<string, Recipe> {
  const all = new Map(recipes);
  for (const recipe of more) addWithNeeds(all, recipe);
  return new Map([...all].sort(([a], [b]) => compareText(a, b)));
}

async function importRecipe(file: string): Promise<Recipe> {
  try {
    const module = (await import(pathToFileURL(file).href)) as { default?: Recipe };
    if (module.default?.position) return module.default;
  } catch (error) {
    if (error instanceof HadronError) throw error;
    const place = /((?:\/[^\s():]+)+\/recipe\.ts):(\d+)/.exec(error instanceof Error ? (error.stack ?? "") : "");
    const at = place ? `${place[1]}:${place[2]}` : file;
    if (error instanceof ReferenceError && /before initialization/.test(error.message))
      throw new HadronError(`Recipe "${file}" is part of an import cycle`, {
        kind: "input",
        code: "RECIPE_CYCLE",
        at,
        hint: "Two recipes need each other; split one of them or drop a need",
        cause: error,
      });
    throw new HadronError(`Could not load the recipe "${file}": ${messageOf(error)}`, {
      kind: "input",
      code: "RECIPE_INVALID",
      at,
      hint: "npx tsc --noEmit says more",
      cause: error,
    });
  }
  throw new HadronError(`"${file}" does not export a recipe`, {
    kind: "input",
    code: "RECIPE_INVALID",
    at: file,
    hint: "export default recipe({ … })",
  });
}

function checkName(recipe: Recipe, folder: string, file: string): void {
  if (recipe.name === folder) return;
  throw new HadronError(`Recipe "${recipe.name}" lies in the folder "${folder}"`, {
    kind: "input",
    code: "RECIPE_NAME",
    at: `${file}:${recipe.position.line}`,
    hint: "Name the folder like the recipe",
  });
}

function addWithNeeds(recipes: Map<string, Recipe>, recipe: Recipe): void {
  const other = recipes.get(recipe.name);
  if (other === recipe) return;
  if (other)
    throw new HadronError(`Two recipes are called "${recipe.name}"`, {
      kind: "input",
      code: "RECIPE_DUPLICATE",
      at: `${recipe.position.file}:${recipe.position.line}`,
      hint: `The other one is ${other.position.file}:${other.position.line}`,
    });
  recipes.set(recipe.name, recipe);
  for (const needs of Object.values(recipe.needs ?? {})) for (const need of needs) addWithNeeds(recipes, need);
}
