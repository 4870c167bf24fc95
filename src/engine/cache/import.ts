import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createZstdDecompress } from "node:zlib";
import { type Emit, HadronError, messageOf, type Sha256 } from "../../base/mod.ts";
import { unpackTar } from "../../formats/mod.ts";
import { sourceDateEpoch } from "../../graph/mod.ts";
import { type Descriptor, isLayout, type Layout, type Manifest, openLayout } from "../../oci/mod.ts";
import { removeTree, type StepResult, type Store, storeError } from "../store/store.ts";
import { readTree, treeDigest } from "../store/tree.ts";
import { factsOf } from "./entry.ts";

/** Step outputs made elsewhere. Every answer is `undefined` where no cache has the step, or only damaged entries for it. */
export interface Caches {
  /** What the first usable entry says of a key. Only its manifest is read: the output stays where it is. */
  look(key: Sha256, step: { id: string }): Promise<StepResult | undefined>;
  /** Brings the output of a result into the store: from the first entry that holds just this output. */
  take(result: StepResult, step: { id: string }): Promise<StepResult | undefined>;
}

interface Found {
  layout: Layout;
  descriptor: Descriptor;
  facts: StepResult;
}

/**
 * Opens cache folders written by {@link exportCache}, in the order in which they are asked. An entry's manifest is checked
 * when it is looked at, the rest while it is unpacked: blob digests, and the tree against the output digest. What does not fit
 * is reported and left aside.
 * @throws HadronError `CACHE_NOT_FOUND` where a folder is no image layout, `LAYOUT_INVALID`.
 */
export async function openCaches(folders: readonly string[], store: Store, emit: Emit): Promise<Caches> {
  const found = new Map<Sha256, Found[]>();
  for (const folder of folders) {
    if (!(await isLayout(folder)))
      throw new HadronError(`"${folder}" is not an OCI image layout`, {
        kind: "input",
        code: "CACHE_NOT_FOUND",
        at: folder,
        hint: "hadron cache export writes one",
      });
    const layout = openLayout(folder);
    for (const descriptor of (await layout.readIndex()).manifests) {
      const facts = factsOf(descriptor);
      if (facts) found.set(facts.key, [...(found.get(facts.key) ?? []), { layout, descriptor, facts }]);
    }
  }

  const refused = new Set<Found>();
  const firstUsable = async (
    entries: readonly Found[],
    step: { id: string },
    use: (entry: Found) => Promise<StepResult>,
  ): Promise<StepResult | undefined> => {
    for (const entry of entries) {
      try {
        return await use(entry);
      } catch (error) {
        if (error instanceof HadronError && error.kind === "store") throw error;
        refused.add(entry);
        emit({
          type: "warning",
          code: "CACHE_ENTRY_REFUSED",
          message: `The cache entry of "${step.id}" in ${entry.layout.path} is refused: ${messageOf(error)}; it is built instead`,
        });
      }
    }
    return undefined;
  };
  const usable = (key: Sha256) => (found.get(key) ?? []).filter((entry) => !refused.has(entry));
  return {
    look: (key, step) =>
      firstUsable(usable(key), step, async (entry) => {
        await readEntry(entry);
        return entry.facts;
      }),
    take: (result, step) => {
      const entries = usable(result.key).filter(({ facts }) => facts.output === result.output);
      return firstUsable(entries, step, (entry) => unpackEntry(entry, store));
    },
  };
}

/** The layer of an entry whose manifest says the same as the index. */
async function readEntry({ layout, descriptor, facts }: Found): Promise<Descriptor> {
  const manifest = await layout.readJson<Manifest>(descriptor);
  const [layer] = manifest.layers;
  const said = factsOf({ ...descriptor, annotations: manifest.annotations ?? {} });
  if (layer && said?.key === facts.key && said.output === facts.output) return layer;
  throw new HadronError("The entry's manifest and the index disagree", {
    kind: "input",
    code: "CACHE_ENTRY_INVALID",
    at: descriptor.digest,
  });
}

async function unpackEntry(entry: Found, store: Store): Promise<StepResult> {
  const { layout, descriptor, facts } = entry;
  const layer = await readEntry(entry);
  const work = await store.makeWorkFolder(`import-${facts.step}`);
  try {
    const tree = join(work, "tree");
    await mkdir(tree);
    await unpackTar(checkedDecompression(layout, layer), tree);
    const output = treeDigest(await readTree(tree));
    if (output !== facts.output)
      throw new HadronError(
        `The entry unpacks to ${output.slice(0, 12)}… where it says ${facts.output.slice(0, 12)}…`,
        { kind: "input", code: "CACHE_ENTRY_DIGEST", at: descriptor.digest },
      );
    return await store.commit(facts, tree, sourceDateEpoch);
  } catch (error) {
    throw storeError(error, store.root);
  } finally {
    await removeTree(work);
  }
}

function checkedDecompression(layout: Layout, layer: Descriptor) {
  const blob = layout.readBlob(layer);
  const plain = createZstdDecompress();
  blob.on("error", (error) => plain.destroy(error));
  return blob.pipe(plain);
}
