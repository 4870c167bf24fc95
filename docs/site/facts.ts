import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { compareText, projectRoot } from "../../src/base/mod.ts";
import { readSourceLock, type SourceLock } from "../../src/engine/mod.ts";
import { loadRecipes } from "../../src/graph/mod.ts";
import { imageNames, loadImage } from "../../src/image/mod.ts";
import type { Recipe } from "../../src/recipe/mod.ts";
import { componentsOf, type Image } from "../../src/rootfs/mod.ts";

/** What the generated tables are made of: the checkout's recipes, images and source lock. */
export interface Facts {
  recipes: ReadonlyMap<string, Recipe>;
  images: readonly Image[];
  lock: SourceLock;
  /** Component → the images that it is in, by itself or as another's library. */
  imagesOf: ReadonlyMap<string, readonly string[]>;
  /** Decision → its title, in order. */
  decisions: ReadonlyMap<string, string>;
}

export async function readFacts(): Promise<Facts> {
  const recipes = await loadRecipes(join(projectRoot, "recipes"));
  const folder = join(projectRoot, "images");
  const images: Image[] = [];
  for (const name of await imageNames(folder)) images.push(await loadImage(name, folder));
  const imagesOf = new Map<string, string[]>();
  for (const image of images) {
    const kernel = image.kernel === undefined ? [] : [image.kernel];
    for (const { name } of [...componentsOf({ image, recipes }), ...kernel])
      imagesOf.set(name, [...(imagesOf.get(name) ?? []), image.name]);
  }
  return { recipes, images, lock: readSourceLock(), imagesOf, decisions: readDecisions() };
}

function readDecisions(): Map<string, string> {
  const folder = join(projectRoot, "docs/adr");
  const names = readdirSync(folder)
    .filter((name) => name.endsWith(".md"))
    .sort(compareText);
  return new Map(names.map((name) => [name, /^# (.*)$/m.exec(readFileSync(join(folder, name), "utf8"))?.[1] ?? name]));
}
