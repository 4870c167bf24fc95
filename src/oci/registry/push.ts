import { HadronError } from "../../base/mod.ts";
import { collect } from "./collect.ts";
import { eachOf } from "./each-of.ts";
import { contentOfLayout, openNamedLayout, rootOf } from "./layout-content.ts";
import { putManifest } from "./manifests.ts";
import { formatReference, type Reference } from "./reference.ts";
import { putReferrer } from "./referrers.ts";
import { openRepository, type RegistryOptions } from "./repository.ts";
import { uploadBlob } from "./upload-blob.ts";

export interface Moved {
  /** `HOST/NAME[:TAG]@sha256:…`: what names just this from now on. */
  reference: string;
  digest: string;
  mediaType: string;
  manifests: number;
  blobs: number;
  /** Bytes of the blobs that were not there yet. */
  bytes: number;
  /** Digests of what is attached and came along. */
  referrers: string[];
}

/** Blobs under way at a time. */
export const blobsAtOnce = 4;

/**
 * Sends an image, an index or an artifact of a layout to a registry: blobs first, what names others last, the tag when all is
 * there. What the registry has is not sent again, so a push that was interrupted goes on.
 * @param from `PATH` or `PATH:TAG`
 * @throws HadronError `LAYOUT_NOT_FOUND`, `LAYOUT_AMBIGUOUS`, `BLOB_MISSING`, `BLOB_DIGEST`, `MANIFEST_…`, `REGISTRY_…`
 */
export async function pushLayout(
  from: string,
  reference: Reference,
  options: RegistryOptions & { withReferrers: boolean },
): Promise<Moved> {
  const named = await openNamedLayout(from);
  const root = await rootOf(named);
  const { digest, mediaType } = root.descriptor;
  if (reference.digest !== undefined && reference.digest !== digest)
    throw new HadronError(`The layout's image has the digest ${digest}, and the reference says ${reference.digest}`, {
      kind: "input",
      code: "REFERENCE_DIGEST",
      at: from,
      hint: `Leave the digest out, or name the layout's image that has it: ${from}:TAG`,
    });
  const { manifests, attached, blobs } = await collect(contentOfLayout(named.layout), root, options);
  using repository = openRepository(reference, "push", options);
  let bytes = 0;
  await eachOf(blobs, blobsAtOnce, async (blob) => {
    if (await uploadBlob(repository, blob, named.layout.blobPath(blob.digest))) bytes += blob.size;
  });
  // One after the other: a list of what is attached is read, changed and written back.
  for (const manifest of [...manifests, ...attached]) await putReferrer(repository, manifest);
  if (reference.tag !== undefined) await putManifest(repository, root, reference.tag);
  return {
    reference: formatReference({ ...reference, digest }),
    ...{ digest, mediaType, bytes },
    manifests: manifests.length,
    blobs: blobs.length,
    referrers: attached.map(({ descriptor }) => descriptor.digest),
  };
}
