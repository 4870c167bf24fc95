import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join, posix } from "node:path";
import { compareText } from "../../base/mod.ts";

export interface Entry {
  /** Relative to the root, without a leading slash. */
  path: string;
  kind: "file" | "folder" | "link";
  /** Permission bits, 12 of them. */
  mode: number;
  /** Bytes; 0 for folders and links. */
  size: number;
  /** Of links. */
  target: string;
}

/** A root tree in a folder, as linters see it. */
export interface Tree {
  entries: readonly Entry[];
  /** What is at a path once links are followed within the tree; undefined where they lead nowhere. */
  resolve(path: string): Entry | undefined;
  /** Content of a regular file; kept, since several linters read it. */
  read(path: string): Buffer;
}

export function openTree(folder: string): Tree {
  const entries = listEntries(folder);
  const byPath = new Map(entries.map((entry) => [entry.path, entry]));
  const contents = new Map<string, Buffer>();
  return {
    entries,
    resolve: (path) => resolveLinks(byPath, path, 0),
    read: (path) => {
      const known = contents.get(path) ?? readFileSync(join(folder, path));
      contents.set(path, known);
      return known;
    },
  };
}

function listEntries(folder: string): Entry[] {
  const entries: Entry[] = [];
  const visit = (path: string): void => {
    for (const name of readdirSync(join(folder, path)).sort(compareText)) {
      const inner = path === "" ? name : `${path}/${name}`;
      const stats = lstatSync(join(folder, inner));
      const kind = stats.isDirectory() ? "folder" : stats.isSymbolicLink() ? "link" : "file";
      entries.push({
        path: inner,
        kind,
        mode: stats.mode & 0o7777,
        size: kind === "file" ? stats.size : 0,
        target: kind === "link" ? readlinkSync(join(folder, inner)) : "",
      });
      if (kind === "folder") visit(inner);
    }
  };
  visit("");
  return entries;
}

/** The kernel gives up after 40 links as well. */
const longestChain = 40;

function resolveLinks(byPath: ReadonlyMap<string, Entry>, path: string, followed: number): Entry | undefined {
  if (followed > longestChain) return undefined;
  let at = "";
  const parts = posix.normalize(`/${path}`).split("/").filter(Boolean);
  for (const [index, part] of parts.entries()) {
    at = at === "" ? part : `${at}/${part}`;
    const entry = byPath.get(at);
    if (entry?.kind !== "link") continue;
    const target = posix.resolve(`/${posix.dirname(at)}`, entry.target);
    return resolveLinks(byPath, posix.join(target, ...parts.slice(index + 1)), followed + 1);
  }
  return byPath.get(at);
}
