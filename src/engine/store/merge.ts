import { linkSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { HadronError, isSystemError } from "../../base/mod.ts";

/**
 * Several trees as one, made of hard links: cheap, and safe because steps see it read-only. Where two trees hold the same
 * path, it must be the same thing.
 * @throws HadronError `INPUT_CONFLICT` naming both.
 */
export function mergeTrees(trees: readonly { name: string; path: string }[], into: string): void {
  const owners = new Map<string, string>();
  for (const { name, path } of trees) linkTree(name, path, into, "", owners);
}

function linkTree(name: string, from: string, into: string, folder: string, owners: Map<string, string>): void {
  mkdirSync(join(into, folder), { recursive: true });
  for (const entry of readdirSync(join(from, folder), { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !isLink(join(into, path))) linkTree(name, from, into, path, owners);
    else if (!place(join(from, path), join(into, path), entry.isSymbolicLink()))
      throw new HadronError(`"${owners.get(path) ?? "another input"}" and "${name}" both bring "${path}", and differ`, {
        kind: "input",
        code: "INPUT_CONFLICT",
        at: path,
        hint: "Let one of the two recipes remove the file at the end of its build",
      });
    else if (!owners.has(path)) owners.set(path, name);
  }
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

function place(from: string, to: string, isSymbolicLink: boolean): boolean {
  try {
    if (isSymbolicLink) symlinkSync(readlinkSync(from), to);
    else linkSync(from, to);
    return true;
  } catch (error) {
    if (!isSystemError(error, "EEXIST")) throw error;
    const there = lstatSync(to);
    if (isSymbolicLink) return there.isSymbolicLink() && readlinkSync(to) === readlinkSync(from);
    return there.isFile() && there.size === lstatSync(from).size && readFileSync(to).equals(readFileSync(from));
  }
}
