import { createReadStream } from "node:fs";
import { compareText } from "../base/mod.ts";
import type { TarEntry } from "../formats/mod.ts";
import { layerRefused } from "./layer-refused.ts";

/** A root tree in memory; contents of files lie elsewhere. */
export type FlatNode = FlatFolder | FlatFile | FlatLink;

export interface FlatFolder {
  type: "directory";
  mode: number;
  uid: number;
  gid: number;
  children: Map<string, FlatNode>;
}

export interface FlatFile {
  type: "file";
  mode: number;
  uid: number;
  gid: number;
  /** Bytes. */
  size: number;
  /** Where the content is on this machine. */
  file: string;
}

export interface FlatLink {
  type: "link";
  uid: number;
  gid: number;
  target: string;
}

export function newFolder(mode = 0o755): FlatFolder {
  return { type: "directory", mode, uid: 0, gid: 0, children: new Map() };
}

/** As in Linux. */
const mostLinks = 40;

/**
 * The folder at a path, links followed as if the tree were the root: `..` and absolute targets never lead out of it.
 * @param options.make Makes folders that are missing, as runtimes do
 * @throws HadronError `LAYER_REFUSED` where a part of the path is no folder, or links go in circles
 */
export function folderAt(root: FlatFolder, path: readonly string[], options: { make: true }): FlatFolder;
export function folderAt(root: FlatFolder, path: readonly string[], options: { make: boolean }): FlatFolder | undefined;
export function folderAt(
  root: FlatFolder,
  path: readonly string[],
  { make }: { make: boolean },
): FlatFolder | undefined {
  const above: FlatFolder[] = [];
  let here = root;
  let links = 0;
  const rest = [...path];
  for (let part = rest.shift(); part !== undefined; part = rest.shift()) {
    if (part === "" || part === ".") continue;
    if (part === "..") {
      here = above.pop() ?? root;
      continue;
    }
    let next = here.children.get(part);
    if (next === undefined) {
      if (!make) return undefined;
      next = newFolder();
      here.children.set(part, next);
    }
    if (next.type === "link") {
      links += 1;
      if (links > mostLinks) throw layerRefused(path.join("/"), "lies behind links that go in circles");
      if (next.target.startsWith("/")) {
        above.length = 0;
        here = root;
      }
      rest.unshift(...next.target.split("/"));
    } else if (next.type === "directory") {
      above.push(here);
      here = next;
    } else if (make) throw layerRefused(path.join("/"), "lies below a file");
    else return undefined;
  }
  return here;
}

/** Puts a node at a path, over what is there; a folder over a folder keeps what is in it. The empty path is the root. */
export function addChild(root: FlatFolder, path: readonly string[], node: FlatNode): void {
  const name = path.at(-1);
  const there = name === undefined ? root : undefined;
  const parent = folderAt(root, path.slice(0, -1), { make: true });
  const present = there ?? parent.children.get(name ?? "");
  if (node.type === "directory" && present?.type === "directory")
    Object.assign(present, { mode: node.mode, uid: node.uid, gid: node.gid });
  else if (name !== undefined) parent.children.set(name, node);
  else throw layerRefused(path.join("/"), "is the root, but no folder");
}

/** What is at a path once links are followed within the tree, the last one as well. */
export function nodeAt(root: FlatFolder, path: string): FlatNode | undefined {
  let parts = path.split("/").filter(Boolean);
  for (let links = 0; links <= mostLinks; links += 1) {
    const name = parts.at(-1);
    if (name === undefined) return root;
    if (name === "." || name === "..") return folderAt(root, parts, { make: false });
    const node = folderAt(root, parts.slice(0, -1), { make: false })?.children.get(name);
    if (node?.type !== "link") return node;
    const target = node.target.split("/").filter(Boolean);
    parts = node.target.startsWith("/") ? target : [...parts.slice(0, -1), ...target];
  }
  return undefined;
}

/** The tree as an archive has it: the root first, folders before what is in them, each folder sorted. */
export function* flatEntries(folder: FlatFolder, path = "."): Generator<TarEntry> {
  const { mode, uid, gid } = folder;
  yield { path, type: "directory", mode, uid, gid };
  for (const [name, node] of [...folder.children].sort(([a], [b]) => compareText(a, b))) {
    const inner = path === "." ? name : `${path}/${name}`;
    if (node.type === "directory") yield* flatEntries(node, inner);
    else if (node.type === "link")
      yield { path: inner, type: "link", target: node.target, uid: node.uid, gid: node.gid };
    else {
      const { file, size } = node;
      const content = () => createReadStream(file);
      yield { path: inner, type: "file", mode: node.mode, uid: node.uid, gid: node.gid, size, content };
    }
  }
}
