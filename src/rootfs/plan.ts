import { libsOf } from "../graph/mod.ts";
import type { Recipe, Target } from "../recipe/mod.ts";
import type { Image } from "./image.ts";
import type { SourceFacts } from "./source-facts.ts";

export interface RootfsPlan<Of extends Image = Image> {
  image: Of;
  target: Target;
  recipes: ReadonlyMap<string, Recipe>;
  /** What the lock says of the sources, for the bill of materials. */
  sources: ReadonlyMap<string, SourceFacts>;
  /** For messages: `images/cloud.ts:5`. */
  at: string;
}

/**
 * What the image consists of: its components and the libraries that they need, sorted by name. Kernel headers serve building
 * only, so they are in an image for development; a component that others need to be built, but whose files they don't use, still
 * comes along.
 */
export function componentsOf({ image, recipes }: Pick<RootfsPlan, "image" | "recipes">): Recipe[] {
  const found = new Map<string, Recipe>();
  for (const component of image.components)
    for (const recipe of [component, ...libsOf(component, recipes)])
      if (recipe.name !== "linux-headers" || image.development) found.set(recipe.name, recipe);
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * Components and the kernel: whose output trees tell which file of the root tree is whose. The first that has a path owns it, so
 * `toolchain`, which has the files of `binutils` and `gcc` too, owns what it adds to them.
 */
export function ownersOf(plan: Pick<RootfsPlan, "image" | "recipes">): Recipe[] {
  const { kernel } = plan.image;
  return [...componentsOf(plan), ...(kernel === undefined ? [] : [kernel])];
}

/**
 * Where a step has the output tree of an owner, below `/needs`: so that `components/<name>` has the paths of the root tree, which are the
 * output's own, but for the toolchain's.
 */
export function ownerPlace({ name, output }: Recipe): string {
  return `components/${name}${output === "cross" ? "/cross" : ""}`;
}
