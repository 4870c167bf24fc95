import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import tarStream, { type Header } from "tar-stream";
import { HadronError } from "../base/mod.ts";
import { addChild, type FlatFolder, type FlatNode, folderAt, newFolder } from "./flat-tree.ts";
import { layerRefused } from "./layer-refused.ts";
import type { ImageLayer } from "./open-image.ts";

/** How much the layers of an image may hold together. */
export interface LayerLimits {
  entries: number;
  bytes: number;
}

/** More bytes would not fit into a slot, nor into one read of Node's. */
const layerLimits: LayerLimits = { entries: 500_000, bytes: 2 ** 31 - 2 ** 20 };

/** What a layer says of one path; `nodes` are added after all `deletions` of the same layer. */
interface LayerContent {
  deletions: { path: string[]; isOpaque: boolean }[];
  nodes: { path: string[]; node: FlatNode | { type: "hardlink"; target: string[] } }[];
}

/**
 * Lays the layers of an image over each other (OCI image specification 1.1, "layer"). Nothing is unpacked by its name: file contents go to
 * `scratch` under numbers, and the tree is kept in memory, so that no name or link in a layer can lead anywhere on this machine.
 * Links are followed within the tree only. Extended attributes are left out.
 * @throws HadronError `LAYER_REFUSED` for absolute names, `..`, devices, pipes, names below a file, hard links to nothing;
 * `LAYER_DAMAGED`, `LAYERS_TOO_LARGE`.
 */
export async function flattenLayers(
  layers: readonly ImageLayer[],
  scratch: string,
  limits: LayerLimits = layerLimits,
): Promise<FlatFolder> {
  await mkdir(scratch, { recursive: true });
  const root = newFolder();
  const found: LayerLimits = { entries: 0, bytes: 0 };
  for (const layer of layers) applyLayer(root, await readLayer(layer, scratch, { found, limits }));
  return root;
}

async function readLayer(
  layer: ImageLayer,
  scratch: string,
  { found, limits }: { found: LayerLimits; limits: LayerLimits },
): Promise<LayerContent> {
  const content: LayerContent = { deletions: [], nodes: [] };
  const extract = tarStream.extract();
  const read = async (): Promise<void> => {
    for await (const entry of extract) {
      found.entries += 1;
      found.bytes += entry.header.size ?? 0;
      // A size that is no number is beyond any limit.
      if (found.entries > limits.entries || !(found.bytes <= limits.bytes)) throw tooLarge(limits);
      await readEntry(entry, content, () => join(scratch, String(found.entries)));
    }
  };
  const outcomes = await Promise.allSettled([read(), pipeline(layer.open(), extract)]);
  const failures = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason as unknown] : []));
  if (failures.length === 0) return content;
  const said = failures.find((failure) => failure instanceof HadronError);
  throw said ?? damaged(layer.name, failures[0]);
}

interface ArchiveEntry extends AsyncIterable<unknown> {
  header: Header;
  resume(): void;
}

async function readEntry(entry: ArchiveEntry, content: LayerContent, place: () => string): Promise<void> {
  const { name, type = "file", mode = 0o644, uid = 0, gid = 0, linkname, size = 0 } = entry.header;
  const path = partsOf(name);
  const last = path.at(-1) ?? "";
  if (last.startsWith(".wh.")) {
    entry.resume();
    const deletion = deletionOf(path, last, name);
    if (deletion) content.deletions.push(deletion);
    return;
  }
  const owner = { mode: mode & 0o7777, uid, gid };
  const add = (node: LayerContent["nodes"][number]["node"]): void => void content.nodes.push({ path, node });
  if (type === "file" || type === "contiguous-file") {
    if (path.length === 0) throw layerRefused(name, "is the root, but no folder");
    const file = place();
    await pipeline(Readable.from(entry), createWriteStream(file, { flags: "wx", mode: 0o600 }));
    add({ type: "file", ...owner, size, file });
    return;
  }
  entry.resume();
  if (type === "directory") add({ type: "directory", ...owner, children: new Map() });
  else if (type === "symlink") add({ type: "link", uid, gid, target: linkTarget(name, linkname) });
  else if (type === "link") add({ type: "hardlink", target: partsOf(linkname ?? "") });
  else throw layerRefused(name, `is a ${type}`);
}

/** "Whiteouts" of the specification; what else begins like them is a leftover of AUFS. */
function deletionOf(path: string[], last: string, name: string): LayerContent["deletions"][number] | undefined {
  const folder = path.slice(0, -1);
  if (last === ".wh..wh..opq") return { path: folder, isOpaque: true };
  if (last.startsWith(".wh..wh.")) return undefined;
  const hidden = last.slice(".wh.".length);
  if (hidden === "" || hidden === "." || hidden === "..") throw layerRefused(name, "deletes nothing that can be named");
  return { path: [...folder, hidden], isOpaque: false };
}

function applyLayer(root: FlatFolder, { deletions, nodes }: LayerContent): void {
  // They concern the layers below only, wherever they stand in the archive.
  for (const { path, isOpaque } of deletions) {
    const folder = folderAt(root, isOpaque ? path : path.slice(0, -1), { make: false });
    if (isOpaque) folder?.children.clear();
    else folder?.children.delete(path.at(-1) ?? "");
  }
  for (const { path, node } of nodes) {
    if (node.type !== "hardlink") addChild(root, path, node);
    else {
      const found = folderAt(root, node.target.slice(0, -1), { make: false })?.children.get(node.target.at(-1) ?? "");
      if (found === undefined || found.type === "directory")
        throw layerRefused(path.join("/"), `is a hard link to "${node.target.join("/")}", which is no file`);
      addChild(root, path, found);
    }
  }
}

function partsOf(name: string): string[] {
  const parts = name.split("/").filter((part) => part !== "" && part !== ".");
  if (name.startsWith("/") || parts.includes("..")) throw layerRefused(name, "leads out of the image");
  if (/[\0\ufffd]/.test(name)) throw layerRefused(name, "has a name that is not text");
  return parts;
}

function linkTarget(name: string, target: string | null | undefined): string {
  if (target && !/[\0\ufffd]/.test(target)) return target;
  throw layerRefused(name, "is a link to nothing");
}

function damaged(layer: string, cause: unknown): HadronError {
  return new HadronError("A layer of the image is damaged", {
    kind: "input",
    code: "LAYER_DAMAGED",
    at: layer,
    hint: "Save or pull the image again",
    cause,
  });
}

function tooLarge({ entries, bytes }: LayerLimits): HadronError {
  return new HadronError(`The image has more than ${entries} entries or ${bytes} bytes`, {
    kind: "input",
    code: "LAYERS_TOO_LARGE",
    hint: "Leave out of it what the machine can get when it runs",
  });
}
