import { lstatSync } from "node:fs";
import { join } from "node:path";
import { openTree } from "./lint/tree.ts";

/** Whose file is it, if no component has it: made by the step of the root tree, or one of the project's own. */
export const noComponent = "hadron";

export interface Ownership {
  /** Path (without a leading slash) → component. */
  owners: ReadonlyMap<string, string>;
  /** Largest first. Bytes of regular files, as they are in the root tree. */
  sizes: { component: string; files: number; bytes: number }[];
}

/**
 * Which component each file of a root tree comes from. It is found out on the host, from the components' output trees, so
 * that nothing of it has to be in the OS.
 * @param trees Component → its output tree.
 */
export function fileOwners(root: string, trees: Readonly<Record<string, string>>): Ownership {
  const owners = new Map<string, string>();
  const sizes = new Map<string, { files: number; bytes: number }>();
  const names = Object.keys(trees).sort();
  for (const { path, kind, size } of openTree(root).entries) {
    if (kind === "folder") continue;
    const component = names.find((name) => exists(join(trees[name] ?? "", path))) ?? noComponent;
    owners.set(path, component);
    const sum = sizes.get(component) ?? { files: 0, bytes: 0 };
    sizes.set(component, { files: sum.files + 1, bytes: sum.bytes + size });
  }
  return {
    owners,
    sizes: [...sizes]
      .map(([component, sum]) => ({ component, ...sum }))
      .sort((a, b) => b.bytes - a.bytes || (a.component < b.component ? -1 : 1)),
  };
}

/** Files of a root tree that more than one component brings, as `path: one, other`: which of them counts would be chance. */
export function sharedFiles(root: string, trees: Readonly<Record<string, string>>): string[] {
  const names = Object.keys(trees).sort();
  return openTree(root).entries.flatMap(({ path, kind }) => {
    if (kind === "folder") return [];
    const bringing = names.filter((name) => exists(join(trees[name] ?? "", path)));
    return bringing.length > 1 ? [`${path}: ${bringing.join(", ")}`] : [];
  });
}

function exists(path: string): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats !== undefined && !stats.isDirectory();
}
