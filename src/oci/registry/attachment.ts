import { sha256 } from "../../base/mod.ts";
import { type Descriptor, mediaTypes } from "../layout.ts";
import { type LoadedManifest, loadManifest } from "./manifest.ts";

/** A document to attach to an image, index or artifact: a bill of materials, a provenance, a signature. */
export interface Attachment {
  /** What it is; what is attached is looked for by this. */
  artifactType: string;
  /** Of the document itself. */
  mediaType: string;
  bytes: Uint8Array;
  /** Of the manifest that attaches it. */
  annotations?: Record<string, string>;
}

/** A blob that is in memory. */
export interface SmallBlob {
  descriptor: Descriptor;
  bytes: Uint8Array;
}

export function smallBlob(bytes: Uint8Array, mediaType: string): SmallBlob {
  return { descriptor: { mediaType, digest: `sha256:${sha256(bytes)}`, size: bytes.length }, bytes };
}

/** The manifest that attaches a document, and its blobs (OCI image specification 1.1, "Guidelines for Artifact Usage"). No time is in it. */
export function attachmentManifest(
  subject: Descriptor,
  { artifactType, mediaType, bytes, annotations = {} }: Attachment,
): { manifest: LoadedManifest; blobs: SmallBlob[] } {
  const config = smallBlob(Buffer.from("{}"), mediaTypes.empty);
  const document = smallBlob(bytes, mediaType);
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.manifest,
      artifactType,
      config: config.descriptor,
      layers: [document.descriptor],
      subject: { mediaType: subject.mediaType, digest: subject.digest, size: subject.size },
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    }),
  );
  return { manifest: loadManifest(manifest, mediaTypes.manifest, artifactType), blobs: [config, document] };
}
