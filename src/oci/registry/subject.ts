import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { finished } from "node:stream/promises";
import type { Descriptor, Layout } from "../layout.ts";
import { type Attachment, attachmentManifest, type SmallBlob } from "./attachment.ts";
import { type Content, collect } from "./collect.ts";
import { contentOfLayout, findLayout, refName, rootOf } from "./layout-content.ts";
import { asReferrer, type LoadedManifest } from "./manifest.ts";
import { limitManifests } from "./manifest-limits.ts";
import { findManifest, putManifest } from "./manifests.ts";
import { contentOfRepository, fetchRoot } from "./pull.ts";
import { readSmallBlob } from "./read-small-blob.ts";
import { formatReference, parseReference } from "./reference.ts";
import { putReferrer } from "./referrers.ts";
import { openRepository, type RegistryOptions, type Repository } from "./repository.ts";
import { uploadBytes } from "./upload-bytes.ts";

/** Bytes of an attached document; what is larger is nobody's signature or bill of materials. */
const documentBytes = 64 << 20;

/** An image, index or artifact in a registry or a layout, with what is attached to it. */
export interface Subject extends Disposable {
  readonly kind: "registry" | "layout";
  /** `HOST/NAME[:TAG]@sha256:…`, or the layout as it was named. */
  readonly name: string;
  /** Where it is, without tag and digest: `HOST/NAME`; of a layout its folder. */
  readonly place: string;
  readonly descriptor: Descriptor;
  /** Manifests of what is attached, those of the type that is asked for, sorted by digest. */
  attached(artifactType?: string): Promise<LoadedManifest[]>;
  /** What has a tag there, such as a signature that older clients look for by its name. */
  tagged(tag: string): Promise<LoadedManifest | undefined>;
  read(blob: Descriptor): Promise<Buffer>;
  /** Reads all that it consists of, where that lies on this machine, and checks digests; what a registry has is checked when it is pulled. */
  check(): Promise<void>;
  /** What is attached already stays as it is. @returns the descriptor of the manifest that attaches it */
  attach(attachment: Attachment): Promise<Descriptor>;
  putTagged(tag: string, manifest: LoadedManifest, blobs: readonly SmallBlob[]): Promise<void>;
}

/**
 * @param text A reference, or a layout: `PATH` or `PATH:TAG`. What is there as a folder is one
 * @throws HadronError `REFERENCE_INVALID`, `LAYOUT_AMBIGUOUS`, `MANIFEST_…`, `REGISTRY_…`
 */
export async function openSubject(text: string, access: "pull" | "push", options: RegistryOptions): Promise<Subject> {
  const named = await findLayout(text);
  if (named) return inLayout(text, named.layout, await rootOf(named));
  const reference = parseReference(text);
  const repository = openRepository(reference, access, options);
  try {
    return inRepository(repository, await fetchRoot(repository));
  } catch (error) {
    repository[Symbol.dispose]();
    throw error;
  }
}

function inRepository(repository: Repository, { descriptor }: LoadedManifest): Subject {
  const { registry, repository: path } = repository.reference;
  const content = contentOfRepository(repository);
  const putAll = async (blobs: readonly SmallBlob[]): Promise<void> => {
    for (const blob of blobs) await uploadBytes(repository, blob);
  };
  return {
    kind: "registry",
    name: formatReference({ ...repository.reference, digest: descriptor.digest }),
    place: formatReference({ registry, repository: path }),
    descriptor,
    attached: (artifactType) => attachedTo(content, descriptor.digest, artifactType),
    tagged: (tag) => findManifest(repository, tag),
    read: (blob) => readSmallBlob(repository, blob, documentBytes),
    check: async () => {},
    attach: async (attachment) => {
      const { manifest, blobs } = attachmentManifest(descriptor, attachment);
      await putAll(blobs);
      await putReferrer(repository, manifest);
      return manifest.descriptor;
    },
    putTagged: async (tag, manifest, blobs) => {
      await putAll(blobs);
      await putManifest(repository, manifest, tag);
    },
    [Symbol.dispose]: () => repository[Symbol.dispose](),
  };
}

function inLayout(name: string, layout: Layout, root: LoadedManifest): Subject {
  const { descriptor } = root;
  const add = async (manifest: LoadedManifest, blobs: readonly SmallBlob[], named: Descriptor): Promise<void> => {
    for (const { bytes } of [...blobs, manifest]) await layout.writeBlob(Readable.from([bytes]));
    const tag = named.annotations?.[refName];
    const others = (await layout.readIndex()).manifests.filter(({ digest, annotations }) =>
      tag === undefined ? digest !== named.digest : annotations?.[refName] !== tag,
    );
    await layout.writeIndex([...others, named]);
  };
  return {
    kind: "layout",
    name,
    place: layout.path,
    descriptor,
    // Anew each time: what was attached meanwhile is seen.
    attached: (artifactType) => attachedTo(contentOfLayout(layout), descriptor.digest, artifactType),
    tagged: async (tag) => {
      const { manifests } = await layout.readIndex();
      const found = manifests.find(({ annotations }) => annotations?.[refName] === tag);
      return found && contentOfLayout(layout).manifest(found);
    },
    read: (blob) => buffer(layout.readBlob(blob)),
    check: async () => {
      const { blobs } = await collect(contentOfLayout(layout), root, { withReferrers: false });
      for (const blob of blobs) await finished(layout.readBlob(blob).resume());
    },
    attach: async (attachment) => {
      const { manifest, blobs } = attachmentManifest(descriptor, attachment);
      await add(manifest, blobs, asReferrer(manifest));
      return manifest.descriptor;
    },
    putTagged: (tag, manifest, blobs) =>
      add(manifest, blobs, { ...manifest.descriptor, annotations: { [refName]: tag } }),
    [Symbol.dispose]: () => {},
  };
}

async function attachedTo(content: Content, digest: string, artifactType?: string): Promise<LoadedManifest[]> {
  const found: LoadedManifest[] = [];
  const listed = await content.referrers(digest);
  const limits = limitManifests(digest);
  limits.name(listed);
  for (const described of listed) {
    // Of the type too: cosign lists its bundles under that of their empty configuration.
    const manifest = await content.manifest(described);
    // A list can name anything; what counts is what the manifest says itself.
    if (manifest.subject?.digest !== digest) continue;
    if (artifactType !== undefined && manifest.descriptor.artifactType !== artifactType) continue;
    limits.keep(manifest);
    found.push(manifest);
  }
  return found.sort((a, b) => (a.descriptor.digest < b.descriptor.digest ? -1 : 1));
}
