import {
  chmodSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
} from "node:fs";
import { join } from "node:path";
import { compareText, HadronError, isSystemError } from "../../base/mod.ts";
import { sourceDateEpoch } from "../../graph/mod.ts";

/**
 * Several trees as one, made of hard links: cheap, and safe because steps see it read-only. Where two trees hold the same
 * path, it must be the same thing. Of a folder in several of them the first one's mode counts.
 * @throws HadronError `INPUT_CONFLICT` naming both.
 */
export function mergeTrees(trees: readonly { name: string; path: string }[], into: string): void {
  const merge: Merge = { into, owners: new Map(), modes: new Map() };
  mkdirSync(into, { recursive: true });
  for (const { name, path } of trees) mergeFolder(merge, name, path, "");
  for (const [folder, mode] of [...merge.modes].reverse()) {
    chmodSync(join(into, folder), mode);
    setTime(join(into, folder));
  }
}

interface Merge {
  into: string;
  /** Which tree brought a path first. */
  owners: Map<string, string>;
  /** Of folders, each after the one that holds it. */
  modes: Map<string, number>;
}

function mergeFolder(merge: Merge, name: string, from: string, folder: string): void {
  if (!merge.modes.has(folder)) merge.modes.set(folder, lstatSync(join(from, folder)).mode & 0o7777);
  const entries = readdirSync(join(from, folder), { withFileTypes: true });
  for (const entry of entries.sort((a, b) => compareText(a.name, b.name))) {
    const path = join(folder, entry.name);
    const there = join(merge.into, path);
    const isPlaced = entry.isDirectory()
      ? placeFolder(there)
      : placeFile(join(from, path), there, entry.isSymbolicLink());
    if (!isPlaced) throw conflict(merge.owners.get(path) ?? "another input", name, path);
    if (!merge.owners.has(path)) merge.owners.set(path, name);
    if (entry.isDirectory()) mergeFolder(merge, name, from, path);
  }
}

function placeFolder(to: string): boolean {
  const there = lstatSync(to, { throwIfNoEntry: false });
  if (there) return there.isDirectory();
  mkdirSync(to);
  return true;
}

function placeFile(from: string, to: string, isSymbolicLink: boolean): boolean {
  try {
    if (!isSymbolicLink) linkSync(from, to);
    else {
      symlinkSync(readlinkSync(from), to);
      setTime(to);
    }
    return true;
  } catch (error) {
    if (!isSystemError(error, "EEXIST")) throw error;
    const there = lstatSync(to);
    if (isSymbolicLink) return there.isSymbolicLink() && readlinkSync(to) === readlinkSync(from);
    return there.isFile() && there.size === lstatSync(from).size && readFileSync(to).equals(readFileSync(from));
  }
}

function setTime(path: string): void {
  lutimesSync(path, sourceDateEpoch, sourceDateEpoch);
}

function conflict(owner: string, name: string, path: string): HadronError {
  return new HadronError(`"${owner}" and "${name}" both bring "${path}", and differ`, {
    kind: "input",
    code: "INPUT_CONFLICT",
    at: path,
    hint: "Let one of the two recipes remove the file at the end of its build",
  });
}
