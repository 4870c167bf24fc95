import { lstatSync } from "node:fs";
import { join } from "node:path";
import { openTree } from "./lint/tree.ts";

/** Whose file is it, if no component has it: made by the step of the root tree, or one of the project's own. */
export const noComponent = "hadron";

/**
 * Which component each file of a root tree comes from. It is found out on the host, from the components' output trees, so
 * that nothing of it has to be in the OS.
 * @param trees Component → its output tree.
 * @returns path (without a leading slash) → component
 */
export function fileOwners(root: string, trees: Readonly<Record<string, string>>): Map<string, string> {
  const names = Object.keys(trees).sort();
  const files = openTree(root).entries.filter(({ kind }) => kind !== "folder");
  return new Map(
    files.map(({ path }) => [path, names.find((name) => exists(join(trees[name] ?? "", path))) ?? noComponent]),
  );
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
