import { HadronError, isSystemError, programName, type Sha256 } from "../../base/mod.ts";
import { type Descriptor, type Layout, mediaTypes } from "../../oci/mod.ts";
import { packTree } from "../store/pack-tree.ts";
import type { Store } from "../store/store.ts";
import { readTree, type TreeEntry, treeSize } from "../store/tree.ts";
import { compressed } from "./compress.ts";

/** Writes the layers of an output to a layout, as far as none of them was written before. */
export type WriteLayers = (output: Sha256, layout: Layout) => Promise<Descriptor[]>;

/**
 * Carries the same bytes once: where an output holds all of another, as the toolchain does of binutils and GCC, it is that
 * one's layers, and one more for what is its own.
 * @param outputs In the graph's order: an output holds only what comes before it
 * @throws HadronError `CACHE_OUTPUT_MISSING` where only the digest of an output is known here.
 */
export function cutIntoLayers(store: Pick<Store, "objectPath">, outputs: readonly Sha256[]): WriteLayers {
  const inOrder = [...new Set(outputs)];
  const trees = new Map<Sha256, TreeEntry[]>();
  const written = new Map<Sha256, Descriptor[]>();

  const treeOf = async (output: Sha256): Promise<TreeEntry[]> => {
    const tree = trees.get(output) ?? (await readOutput(store, output));
    trees.set(output, tree);
    return tree;
  };
  const write: WriteLayers = async (output, layout) => {
    const known = written.get(output);
    if (known) return known;
    const tree = await treeOf(output);
    const before = [];
    for (const other of inOrder.slice(0, inOrder.indexOf(output))) before.push({ other, tree: await treeOf(other) });
    const { parts, own } = partsOf(tree, before);
    const layers: Descriptor[] = [];
    for (const part of parts) layers.push(...(await write(part, layout)));
    if (own.length > 0 || layers.length === 0) layers.push(await writeLayer(layout, store.objectPath(output), own));
    written.set(output, layers);
    return layers;
  };
  return write;
}

/** Which of the others are wholly in a tree, the largest first, no two with the same file; and what of the tree is in none of them. */
function partsOf(
  tree: readonly TreeEntry[],
  others: readonly { other: Sha256; tree: readonly TreeEntry[] }[],
): { parts: Sha256[]; own: TreeEntry[] } {
  const folders = new Set(tree.filter(({ type }) => type === "directory").map(lineOf));
  const left = new Map(tree.map((entry) => [lineOf(entry), entry]));
  const isPart = (part: readonly TreeEntry[]): boolean =>
    treeSize(part) > 0 && part.every((entry) => (entry.type === "directory" ? folders : left).has(lineOf(entry)));
  const parts: Sha256[] = [];
  for (const { other, tree: part } of others.toSorted((a, b) => treeSize(b.tree) - treeSize(a.tree))) {
    if (!isPart(part)) continue;
    parts.push(other);
    for (const entry of part) left.delete(lineOf(entry));
  }
  return { parts, own: [...left.values()] };
}

function lineOf(entry: TreeEntry): string {
  return JSON.stringify(entry);
}

async function readOutput(store: Pick<Store, "objectPath">, output: Sha256): Promise<TreeEntry[]> {
  const root = store.objectPath(output);
  return readTree(root).catch((error: unknown) => {
    throw isSystemError(error, "ENOENT") ? outputMissing(output, root) : error;
  });
}

async function writeLayer(layout: Layout, root: string, tree: readonly TreeEntry[]): Promise<Descriptor> {
  const layer = await compressed(packTree(root, tree), treeSize(tree));
  const { digest, size } = await layout.writeBlob(layer);
  return { mediaType: mediaTypes.layerTarZstd, digest, size };
}

function outputMissing(output: Sha256, path: string): HadronError {
  return new HadronError(`The output ${output.slice(0, 12)}… is known, but not in the store`, {
    kind: "store",
    code: "CACHE_OUTPUT_MISSING",
    at: path,
    hint: `${programName()} build brings it here`,
  });
}
