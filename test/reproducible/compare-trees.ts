import { join } from "node:path";
import { compareText } from "../../src/base/mod.ts";
import { readTree, type TreeEntry } from "../../src/engine/mod.ts";
import { compareFiles, type Difference } from "./compare-files.ts";

/** All in which two trees differ, by path. */
export async function compareTrees(first: string, second: string): Promise<Difference[]> {
  const [left, right] = [byPath(await readTree(first)), byPath(await readTree(second))];
  const found: Difference[] = [];
  for (const path of [...new Set([...left.keys(), ...right.keys()])].sort(compareText)) {
    const [a, b] = [left.get(path), right.get(path)];
    if (!a || !b) found.push({ where: [path], what: `only in the ${a ? "first" : "second"}` });
    else found.push(...(await compareEntries(a, b, { first, second })));
  }
  return found;
}

async function compareEntries(
  a: TreeEntry,
  b: TreeEntry,
  roots: { first: string; second: string },
): Promise<Difference[]> {
  const { path } = a;
  const differs = (what: string): Difference => ({ where: [path], what });
  if (a.type !== b.type) return [differs(`a ${a.type} in the first, a ${b.type} in the second`)];
  if (a.type === "link" || b.type === "link") {
    const [one, other] = [a, b].map((entry) => (entry.type === "link" ? entry.target : ""));
    return one === other ? [] : [differs(`a link to "${one}" in the first, to "${other}" in the second`)];
  }
  const modes =
    a.mode === b.mode ? [] : [differs(`mode ${a.mode.toString(8)} in the first, ${b.mode.toString(8)} in the second`)];
  if (a.type !== "file" || b.type !== "file" || a.sha256 === b.sha256) return modes;
  return [...modes, ...(await compareFiles(join(roots.first, path), join(roots.second, path), path))];
}

function byPath(entries: readonly TreeEntry[]): Map<string, TreeEntry> {
  return new Map(entries.map((entry) => [entry.path, entry]));
}
