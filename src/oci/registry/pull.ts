import { mkdir } from "node:fs/promises";
import { Readable } from "node:stream";
import { type Descriptor, type Layout, openLayout } from "../layout.ts";
import { type Content, collect } from "./collect.ts";
import { downloadBlob } from "./download-blob.ts";
import { eachOf } from "./each-of.ts";
import { refName } from "./layout-content.ts";
import type { LoadedManifest } from "./manifest.ts";
import { fetchManifest } from "./manifests.ts";
import { blobsAtOnce, type Moved } from "./push.ts";
import { formatReference, type Reference } from "./reference.ts";
import { listReferrers } from "./referrers.ts";
import { openRepository, type RegistryOptions, type Repository } from "./repository.ts";

/**
 * Brings an image, an index or an artifact from a registry into a layout, which is made or added to. Its index is written last, so that
 * nothing is named that is not there whole.
 * @param to The layout's folder
 * @throws HadronError `MANIFEST_…`, `REGISTRY_…`, `LAYOUT_INVALID`
 */
export async function pullToLayout(
  reference: Reference,
  to: string,
  options: RegistryOptions & { withReferrers: boolean },
): Promise<Moved> {
  using repository = openRepository(reference, "pull", options);
  const root = await fetchRoot(repository);
  const { manifests, attached, blobs } = await collect(contentOfRepository(repository), root, options);
  await mkdir(to, { recursive: true });
  const layout = openLayout(to);
  // An index that can't be added to is found before anything is brought.
  await layout.readIndex();
  let bytes = 0;
  // A descriptor says twice what a blob is; of one digest only one size can be right.
  await eachOf(blobs, blobsAtOnce, async (blob) => {
    if (await downloadBlob(repository, layout, blob)) bytes += blob.size;
  });
  for (const manifest of [...manifests, ...attached]) await layout.writeBlob(Readable.from([manifest.bytes]));
  await name(layout, root, attached, reference.tag);
  const { digest, mediaType } = root.descriptor;
  return {
    reference: formatReference({ ...reference, digest }),
    ...{ digest, mediaType, bytes },
    manifests: manifests.length,
    blobs: blobs.length,
    referrers: attached.map(({ descriptor }) => descriptor.digest),
  };
}

/** What the repository's reference means. */
export function fetchRoot(repository: Repository): Promise<LoadedManifest> {
  const { tag = "latest", digest } = repository.reference;
  return fetchManifest(repository, digest ?? tag);
}

export function contentOfRepository(repository: Repository): Content {
  return {
    manifest: (described) => fetchManifest(repository, described),
    referrers: (digest) => listReferrers(repository, digest),
  };
}

/** Adds it to the layout's index; another image that had its tag loses it. */
async function name(layout: Layout, root: LoadedManifest, attached: LoadedManifest[], tag: string | undefined) {
  const own: Descriptor = { ...root.descriptor, ...(tag === undefined ? {} : { annotations: { [refName]: tag } }) };
  const added = [own, ...attached.map(({ descriptor }) => descriptor)];
  const isReplaced = ({ digest, annotations }: Descriptor): boolean =>
    added.some((one) => one.digest === digest && one.annotations?.[refName] === annotations?.[refName]) ||
    (tag !== undefined && annotations?.[refName] === tag);
  const kept = (await layout.readIndex()).manifests.filter((one) => !isReplaced(one));
  await layout.writeIndex([...kept, ...added]);
}
