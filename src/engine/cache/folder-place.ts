import { type Emit, HadronError, messageOf, programName, type Sha256 } from "../../base/mod.ts";
import { type Descriptor, isLayout, type Layout, openLayout, readManifest } from "../../oci/mod.ts";
import { factsOf, layersOf, signatureOf } from "./entry.ts";
import { type CachePlace, type Entry, entryDisagrees, type Found } from "./place.ts";

/**
 * A cache folder that {@link exportCache} wrote. One whose index is damaged is reported, and has nothing.
 * @throws HadronError `CACHE_NOT_FOUND` where it is no image layout
 */
export async function openFolderPlace(folder: string, emit: Emit): Promise<CachePlace> {
  if (!(await isLayout(folder)))
    throw new HadronError(`"${folder}" is not an OCI image layout`, {
      kind: "input",
      code: "CACHE_NOT_FOUND",
      at: folder,
      hint: `${programName()} cache export writes one; a registry is named as oci://HOST/NAME`,
    });
  const layout = openLayout(folder);
  const found = new Map<Sha256, Found[]>();
  for (const descriptor of await entriesOf(layout, emit)) {
    const facts = factsOf(descriptor);
    if (!facts) continue;
    const entry: Found = {
      ...{ place: folder, digest: descriptor.digest, facts, signature: signatureOf(descriptor) },
      layers: async () => (await readEntry(layout, descriptor)).layers,
      bring: async () => layout,
    };
    found.set(facts.key, [...(found.get(facts.key) ?? []), entry]);
  }
  return { find: async (key) => found.get(key) ?? [] };
}

/** @throws HadronError for what {@link isOfEntry} */
export async function readEntry(layout: Layout, descriptor: Descriptor): Promise<Entry> {
  const { digest } = descriptor;
  const { annotations, blobs } = await readManifest(layout, descriptor);
  const [facts, said] = [factsOf(descriptor), factsOf({ ...descriptor, annotations })];
  const layers = layersOf(blobs);
  if (facts && layers.length > 0 && said?.key === facts.key && said.output === facts.output)
    return { digest, facts, signature: signatureOf(descriptor), layers };
  throw entryDisagrees(digest);
}

/** What the index of a cache folder names; nothing, and a warning, where it is damaged. */
async function entriesOf(layout: Layout, emit: Emit): Promise<Descriptor[]> {
  try {
    return (await layout.readIndex()).manifests;
  } catch (error) {
    if (!(error instanceof HadronError)) throw error;
    const message = `The cache in ${layout.path} is refused: ${messageOf(error)}; what it holds is built instead`;
    emit({ type: "warning", code: "CACHE_REFUSED", message });
    return [];
  }
}
