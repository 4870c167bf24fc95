import { sourceEntry } from "../../src/engine/mod.ts";
import type { Recipe } from "../../src/recipe/mod.ts";
import { isBootable } from "../../src/rootfs/mod.ts";
import type { Facts } from "./facts.ts";
import { markdownTable } from "./markdown-table.ts";

/** One row for each recipe, from the recipes and the source lock. */
export function componentRows(facts: Facts): string {
  const rows = [...facts.recipes.values()].map((recipe) => {
    const sources = sourcesOf(recipe, facts);
    const homepages = [...new Set(sources.map(({ homepage }) => homepage))];
    return [
      `\`${recipe.name}\``,
      sources[0]?.version ?? "",
      recipe.summary,
      [...new Set(sources.map(({ licence }) => licence))].join("; ") || "Apache-2.0",
      homepages.map((homepage) => `[${new URL(homepage).hostname}](${homepage})`).join(" ") || "part of Hadron",
      (facts.imagesOf.get(recipe.name) ?? []).join(", "),
    ];
  });
  return markdownTable(["name", "version", "what", "licence", "homepage", "in the images"], rows);
}

export function imageRows({ images, imagesOf }: Facts): string {
  const rows = images.map((image) => [
    `\`${image.name}\``,
    image.summary,
    String([...imagesOf.values()].filter((names) => names.includes(image.name)).length),
    isBootable(image) ? image.kernel.name : "none: containers only",
  ]);
  return markdownTable(["image", "for", "components", "kernel"], rows);
}

/** How many there are, and how many sources are upstream's own bytes. */
export function tally({ recipes, imagesOf, lock }: Facts): string {
  const sources = Object.values(lock.sources);
  const own = sources.filter(({ candidates }) => candidates.some(({ origin }) => origin === "upstream"));
  const shipped = [...recipes.keys()].filter((name) => imagesOf.has(name)).length;
  return `${recipes.size} components, ${shipped} of them in an image. Of ${sources.length} pinned sources ${own.length} are upstream's own bytes; \
the others are as Debian repacked them.`;
}

function sourcesOf({ name, sources = [name] }: Recipe, { lock }: Facts) {
  return sources.map((source) => sourceEntry(source, lock));
}
