import { lstatSync } from "node:fs";
import { join } from "node:path";
import { compareText } from "../base/mod.ts";
import type { Recipe } from "../recipe/mod.ts";
import { fileOwners, noComponent } from "./owners.ts";
import { componentsOf, ownersOf, type RootfsPlan } from "./plan.ts";

/** What belongs to no component counts as this one: the files in `os/`, and what the step of the root tree makes. */
export const ownPart = "os";

export interface SizedFile {
  /** Below the root, without a leading slash. */
  path: string;
  bytes: number;
}

/** What a component has in an image's `/usr`. */
export interface ComponentSize {
  name: string;
  bytes: number;
  /** Largest first; a file of several names is under the first of them only. */
  files: SizedFile[];
}

/** Whose output trees tell which file is whose. */
export function sizedParts(plan: Pick<RootfsPlan, "image" | "recipes">): string[] {
  return ownersOf(plan).map(({ name }) => name);
}

/**
 * The regular files of a root tree's `/usr` by component, uncompressed, largest first. Links count nothing.
 * @param trees Component → its output tree; see {@link sizedParts}
 */
export function usrSizes(root: string, trees: Readonly<Record<string, string>>): ComponentSize[] {
  const byName = new Map<string, SizedFile[]>();
  const seen = new Set<string>();
  for (const [path, owner] of fileOwners(root, trees)) {
    const stats = path.startsWith("usr/") ? lstatSync(join(root, path)) : undefined;
    if (!stats?.isFile()) continue;
    const inode = `${stats.dev}:${stats.ino}`;
    if (seen.has(inode)) continue;
    seen.add(inode);
    const name = owner === noComponent ? ownPart : owner;
    const files = byName.get(name) ?? [];
    files.push({ path, bytes: stats.size });
    byName.set(name, files);
  }
  return [...byName]
    .map(([name, files]) => ({ name, bytes: bytesOf(files), files: files.sort(largestFirst((file) => file.path)) }))
    .sort(largestFirst((component) => component.name));
}

/**
 * The components that an image would lose with one of them: those that need it, and the libraries that nothing else
 * needs then. Sorted, and empty where it is none of the image's.
 */
export function lostWith(name: string, { image, recipes }: Pick<RootfsPlan, "image" | "recipes">): string[] {
  const without = (components: Recipe[]) => componentsOf({ image: { ...image, components }, recipes });
  const all = without(image.components).map((component) => component.name);
  if (!all.includes(name)) return [];
  const kept = image.components.filter((component) => !without([component]).some((part) => part.name === name));
  const left = new Set(without(kept).map((component) => component.name));
  return all.filter((component) => !left.has(component));
}

function bytesOf(files: readonly SizedFile[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}

function largestFirst<Item extends { bytes: number }>(key: (item: Item) => string): (a: Item, b: Item) => number {
  return (a, b) => b.bytes - a.bytes || compareText(key(a), key(b));
}
