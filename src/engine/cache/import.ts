import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createZstdDecompress } from "node:zlib";
import { type Emit, HadronError, messageOf, type Sha256 } from "../../base/mod.ts";
import { unpackTar } from "../../formats/mod.ts";
import { sourceDateEpoch } from "../../graph/mod.ts";
import type { Descriptor, Layout, RegistryOptions } from "../../oci/mod.ts";
import { mergeTrees } from "../store/merge.ts";
import { removeTree, type StepResult, type Store, storeError } from "../store/store.ts";
import { readTree, treeDigest } from "../store/tree.ts";
import { openFolderPlace } from "./folder-place.ts";
import { type CachePlace, cacheRepository, type Found } from "./place.ts";
import { openRegistryPlace } from "./registry-place.ts";
import type { EntryTrust } from "./trust.ts";

/** Step outputs made elsewhere. Every answer is `undefined` where no cache has the step, or only damaged entries for it. */
export interface Caches {
  /** What the first usable entry says of a key. Only its manifest is read: the output stays where it is. */
  look(key: Sha256, step: { id: string }): Promise<StepResult | undefined>;
  /** Brings the output of a result into the store: from the first entry that holds just this output. */
  take(result: StepResult, step: { id: string }): Promise<StepResult | undefined>;
}

export interface CacheOptions {
  emit: Emit;
  trust: EntryTrust;
  /** How registries are asked; without it they are not. */
  registry?: RegistryOptions | undefined;
}

/**
 * Opens caches written by {@link exportCache}, in the order in which they are asked: folders, and `oci://HOST/NAME`. By whose word an entry is,
 * and its manifest, are checked when it is looked at; the rest while it is unpacked: blob digests, and the tree against the output digest.
 * What does not fit is reported and left aside; so is a whole folder whose index is damaged, and a registry that fails.
 * @throws HadronError `CACHE_NOT_FOUND` where a folder is no image layout, `REFERENCE_INVALID`.
 */
export async function openCaches(
  from: readonly string[],
  store: Store,
  { emit, trust, registry }: CacheOptions,
): Promise<Caches> {
  const places: CachePlace[] = [];
  for (const text of from) {
    const repository = cacheRepository(text);
    if (repository === undefined) places.push(await openFolderPlace(text, emit));
    else if (registry === undefined) emit({ type: "note", message: `The cache in ${text} is not asked: offline` });
    else places.push(openRegistryPlace(repository, { ...registry, emit }));
  }

  const refused = new Set<Found>();
  const hinted = new Set<string>();
  /** What to do about it, said once: a cache by another key has as many such entries as there are steps. */
  const hintOf = (error: Error): string => {
    if (!(error instanceof HadronError) || hinted.has(error.code)) return "";
    hinted.add(error.code);
    return `. ${error.hint}`;
  };
  const firstUsable = async (
    key: Sha256,
    step: { id: string },
    use: (entry: Found) => Promise<StepResult | undefined>,
  ): Promise<StepResult | undefined> => {
    for (const place of places) {
      for (const entry of await place.find(key)) {
        if (refused.has(entry)) continue;
        try {
          trust(entry.facts, entry.signature);
          const result = await use(entry);
          if (result) return result;
        } catch (error) {
          if (!(error instanceof Error) || (error instanceof HadronError && error.kind === "store")) throw error;
          registry?.signal?.throwIfAborted();
          refused.add(entry);
          emit({
            type: "warning",
            code: "CACHE_ENTRY_REFUSED",
            message: `The cache entry of "${step.id}" in ${entry.place} is refused: ${messageOf(error)}; it is built instead${hintOf(error)}`,
          });
        }
      }
    }
    return undefined;
  };
  return {
    look: (key, step) =>
      firstUsable(key, step, async (entry) => {
        await entry.layers();
        return entry.facts;
      }),
    take: (result, step) =>
      firstUsable(result.key, step, async (entry) =>
        entry.facts.output === result.output ? unpackEntry(entry, store) : undefined,
      ),
  };
}

async function unpackEntry(entry: Found, store: Store): Promise<StepResult | undefined> {
  const { digest, facts } = entry;
  const layers = await entry.layers();
  const work = await store.makeWorkFolder(`import-${facts.step}`);
  try {
    const layout = await entry.bring(layers, join(work, "layout"));
    if (layout === undefined) return undefined;
    const tree = await unpackLayers(layout, layers, work);
    const output = treeDigest(await readTree(tree));
    if (output !== facts.output)
      throw new HadronError(
        `The entry unpacks to ${output.slice(0, 12)}… where it says ${facts.output.slice(0, 12)}…`,
        { kind: "input", code: "CACHE_ENTRY_DIGEST", at: digest, hint: "Export it again where it was built" },
      );
    return await store.commit(facts, tree, sourceDateEpoch);
  } catch (error) {
    throw storeError(error, store.root);
  } finally {
    await removeTree(work);
  }
}

/**
 * The tree that the layers hold together. Each is unpacked by itself, and then they are merged as inputs are: nothing is written through
 * a link of another.
 */
async function unpackLayers(layout: Layout, layers: readonly Descriptor[], work: string): Promise<string> {
  const trees: { name: string; path: string }[] = [];
  for (const [index, layer] of layers.entries()) {
    const path = join(work, `layer-${index}`);
    await mkdir(path);
    await unpackTar(checkedDecompression(layout, layer), path);
    trees.push({ name: layer.digest, path });
  }
  const [first] = trees;
  if (first && trees.length === 1) return first.path;
  const tree = join(work, "tree");
  mergeTrees(trees, tree);
  return tree;
}

function checkedDecompression(layout: Layout, layer: Descriptor) {
  const blob = layout.readBlob(layer);
  const plain = createZstdDecompress();
  blob.on("error", (error) => plain.destroy(error));
  return blob.pipe(plain);
}
