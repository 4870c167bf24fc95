import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createZstdDecompress } from "node:zlib";
import { type Emit, HadronError, messageOf, type Sha256 } from "../../base/mod.ts";
import { unpackTar } from "../../formats/mod.ts";
import { sourceDateEpoch } from "../../graph/mod.ts";
import { type Descriptor, isLayout, type Layout, type Manifest, openLayout } from "../../oci/mod.ts";
import { removeTree, type StepResult, type Store } from "../store/store.ts";
import { readTree, treeDigest } from "../store/tree.ts";
import { type EntryFacts, factsOf } from "./entry.ts";

/** Looks a step up in caches and takes its output into the store; `undefined` where no cache has it, or only a damaged one. */
export type ImportResult = (key: Sha256, step: { id: string }) => Promise<StepResult | undefined>;

interface Found {
  layout: Layout;
  descriptor: Descriptor;
  facts: EntryFacts;
}

/**
 * Opens cache folders written by {@link exportCache}, in the order in which they are asked. Every entry is checked while it is
 * unpacked: blob digests, and the tree against the output digest. What does not fit is reported and built instead.
 * @throws HadronError `CACHE_NOT_FOUND` where a folder is no image layout.
 */
export async function openCaches(folders: readonly string[], store: Store, emit: Emit): Promise<ImportResult> {
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
  return async (key, step) => {
    for (const entry of found.get(key) ?? []) {
      try {
        return await takeEntry(entry, store);
      } catch (error) {
        emit({
          type: "warning",
          code: "CACHE_ENTRY_REFUSED",
          message: `The cache entry of "${step.id}" in ${entry.layout.path} is refused: ${messageOf(error)}; it is built instead`,
        });
      }
    }
    return undefined;
  };
}

async function takeEntry({ layout, descriptor, facts }: Found, store: Store): Promise<StepResult> {
  const manifest = await layout.readJson<Manifest>(descriptor);
  const [layer] = manifest.layers;
  const said = factsOf({ ...descriptor, ...(manifest.annotations ? { annotations: manifest.annotations } : {}) });
  if (!layer || said?.key !== facts.key || said.output !== facts.output)
    throw new HadronError("The entry's manifest and the index disagree", {
      kind: "input",
      code: "CACHE_ENTRY_INVALID",
      at: descriptor.digest,
    });
  const work = await store.makeWorkFolder(`import-${facts.step}`);
  try {
    const tree = join(work, "tree");
    await mkdir(tree);
    await unpackTar(checkedDecompression(layout, layer), tree);
    const output = treeDigest(await readTree(tree));
    if (output !== facts.output)
      throw new HadronError(
        `The entry unpacks to ${output.slice(0, 12)}… where it says ${facts.output.slice(0, 12)}…`,
        {
          kind: "input",
          code: "CACHE_ENTRY_DIGEST",
          at: descriptor.digest,
        },
      );
    return await store.commit({ key: facts.key, step: facts.step, seconds: facts.seconds }, tree, sourceDateEpoch);
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
