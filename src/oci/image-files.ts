import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { compareText, sha256, sha256OfFile } from "../base/mod.ts";
import { type ImageFacts, imageConfig, labels } from "./image-config.ts";
import { type Descriptor, type Index, type Manifest, mediaTypes } from "./layout.ts";

/** One layer on this machine, as tar and compressed. */
export interface LayerFiles {
  /** For the image's history. */
  name: string;
  tar: string;
  gzip: string;
}

/** A file of an image layout or archive. */
export interface ImageFile {
  path: string;
  size: number;
  content: () => Readable;
}

export interface WrittenImage {
  /** In the order in which they are written: what names others comes last. */
  files: ImageFile[];
  /** Of the manifest, or of the configuration where the format has no manifest of its own: `sha256:<hex>`. */
  digest: string;
}

/**
 * The files of an OCI image layout with one image, which its version and its full name refer to.
 * @param options.compressed Layers as gzip, which every registry and runtime takes; else as they are, so that compressing what holds
 * the layout compresses them
 */
export async function layoutFiles(
  facts: ImageFacts,
  layers: readonly LayerFiles[],
  { compressed }: { compressed: boolean },
): Promise<WrittenImage> {
  const blobs = new Map<string, ImageFile>();
  const addBytes = (value: unknown, mediaType: string): Descriptor => {
    const bytes = Buffer.from(JSON.stringify(value));
    const digest = `sha256:${sha256(bytes)}`;
    blobs.set(digest, { path: blobPath(digest), size: bytes.length, content: () => Readable.from([bytes]) });
    return { mediaType, digest, size: bytes.length };
  };
  const addFile = async (file: string, mediaType: string): Promise<Descriptor> => {
    const digest = `sha256:${await sha256OfFile(file)}`;
    const { size } = await stat(file);
    blobs.set(digest, { path: blobPath(digest), size, content: () => createReadStream(file) });
    return { mediaType, digest, size };
  };
  const descriptors: Descriptor[] = [];
  for (const { gzip, tar } of layers)
    descriptors.push(
      compressed ? await addFile(gzip, mediaTypes.layerTarGzip) : await addFile(tar, mediaTypes.layerTar),
    );
  const config = addBytes(imageConfig(facts, await diffIds(layers)), mediaTypes.config);
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config,
    layers: descriptors,
    annotations: labels(facts),
  };
  const described = addBytes(manifest, mediaTypes.manifest);
  const index: Index = {
    schemaVersion: 2,
    mediaType: mediaTypes.index,
    manifests: [
      {
        ...described,
        platform: { architecture: facts.architecture, os: "linux" },
        annotations: {
          // What containerd and Docker call the image when they load it; the other is for those that address it in the layout.
          "io.containerd.image.name": `docker.io/${facts.name}:${facts.version}`,
          "org.opencontainers.image.ref.name": facts.version,
        },
      },
    ],
  };
  const files = [...blobs.values()].sort((a, b) => compareText(a.path, b.path));
  files.push(textFile("index.json", index), textFile("oci-layout", { imageLayoutVersion: "1.0.0" }));
  return { files, digest: described.digest };
}

/** The files of what `docker save` writes and every `docker load` reads (Docker image specification 1.2, "combined image JSON"). */
export async function dockerArchiveFiles(facts: ImageFacts, layers: readonly LayerFiles[]): Promise<WrittenImage> {
  const ids = await diffIds(layers);
  const config = textFile("", imageConfig(facts, ids));
  const configDigest = sha256(JSON.stringify(imageConfig(facts, ids)));
  const files: ImageFile[] = [];
  for (const [index, { tar }] of layers.entries())
    files.push({
      path: dockerLayer(ids[index]?.diffId ?? ""),
      size: (await stat(tar)).size,
      content: () => createReadStream(tar),
    });
  const manifest = [
    {
      Config: `${configDigest}.json`,
      RepoTags: [`${facts.name}:${facts.version}`],
      Layers: ids.map(({ diffId }) => dockerLayer(diffId)),
    },
  ];
  files.push({ ...config, path: `${configDigest}.json` }, textFile("manifest.json", manifest));
  return { files, digest: `sha256:${configDigest}` };
}

async function diffIds(layers: readonly LayerFiles[]): Promise<{ name: string; diffId: string }[]> {
  const ids: { name: string; diffId: string }[] = [];
  for (const { name, tar } of layers) ids.push({ name, diffId: `sha256:${await sha256OfFile(tar)}` });
  return ids;
}

function dockerLayer(diffId: string): string {
  return `${diffId.slice("sha256:".length)}.tar`;
}

function textFile(path: string, value: unknown): ImageFile {
  const bytes = Buffer.from(JSON.stringify(value));
  return { path, size: bytes.length, content: () => Readable.from([bytes]) };
}

function blobPath(digest: string): string {
  return `blobs/sha256/${digest.slice("sha256:".length)}`;
}
