import {
  type LoadedManifest,
  loadManifest,
  mediaTypes,
  type SmallBlob,
  type Subject,
  smallBlob,
} from "../../oci/mod.ts";

/** cosign 2 finds signatures and attestations by the name of a tag beside the image: `sha256-<hex>.sig` and `.att`. */
export type TagKind = "sig" | "att";

export interface TagEntry {
  blob: SmallBlob;
  annotations: Record<string, string>;
}

export const signatureAnnotation = "dev.cosignproject.cosign/signature";

export function tagOf(digest: string, kind: TagKind): string {
  return `${digest.replace(":", "-")}.${kind}`;
}

/** The entries under a tag, with their bytes. */
export async function readTag(subject: Subject, kind: TagKind): Promise<TagEntry[]> {
  const manifest = await subject.tagged(tagOf(subject.descriptor.digest, kind));
  const entries: TagEntry[] = [];
  for (const descriptor of manifest?.blobs.slice(1) ?? []) {
    const { annotations = {}, ...plain } = descriptor;
    entries.push({ blob: { descriptor: plain, bytes: await subject.read(descriptor) }, annotations });
  }
  return entries;
}

/** Puts entries under a tag, in place of those that were there. */
export async function writeTag(subject: Subject, kind: TagKind, entries: readonly TagEntry[]): Promise<void> {
  const { manifest, blobs } = tagManifest(entries);
  await subject.putTagged(tagOf(subject.descriptor.digest, kind), manifest, blobs);
}

/** An image whose layers are the entries, as cosign writes it: with a configuration that says nothing. */
function tagManifest(entries: readonly TagEntry[]): { manifest: LoadedManifest; blobs: SmallBlob[] } {
  const config = smallBlob(
    Buffer.from(
      JSON.stringify({
        ...{ architecture: "", created: "0001-01-01T00:00:00Z", os: "", config: {} },
        history: entries.map(() => ({ created: "0001-01-01T00:00:00Z" })),
        rootfs: { type: "layers", diff_ids: entries.map(({ blob }) => blob.descriptor.digest) },
      }),
    ),
    mediaTypes.config,
  );
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.manifest,
      config: config.descriptor,
      layers: entries.map(({ blob, annotations }) => ({ ...blob.descriptor, annotations })),
    }),
  );
  return {
    manifest: loadManifest(bytes, mediaTypes.manifest, "a signature's manifest"),
    blobs: [config, ...entries.map(({ blob }) => blob)],
  };
}
