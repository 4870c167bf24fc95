import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, mkdir, open, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { z } from "zod";
import { HadronError, isSystemError, type Sha256, sha256OfFile } from "../base/mod.ts";
import { unpackTar } from "../formats/mod.ts";
import {
  dockerManifests,
  type FoundConfig,
  type FoundDescriptor,
  imageConfig,
  imageIndex,
  imageManifest,
} from "./image-documents.ts";
import { isLayout, type Layout, openLayout } from "./layout.ts";

export interface ImageLayer {
  /** Digest of the uncompressed archive, which the bytes are checked against. */
  name: string;
  /** The archive, uncompressed; fails at its end with `BLOB_DIGEST` where it is not what the image says. */
  open(): Readable;
}

export interface OpenedImage {
  /** By which it is known: of its manifest; of what `docker save` wrote, which has none, that of the configuration. */
  digest: { sha256: Sha256; of: "manifest" | "configuration" };
  config: FoundConfig;
  /** Lowest first. */
  layers: ImageLayer[];
}

/**
 * Opens a container image on this machine: an OCI image layout in a folder, the same as an archive, or what `docker save` writes.
 * @param reference A path, or `PATH:TAG` where it holds several images
 * @param options.scratch A folder that is made, for archives
 * @throws HadronError `IMAGE_NOT_OCI`, `IMAGE_AMBIGUOUS`, `IMAGE_ARCHITECTURE`, `BLOB_MISSING`, `BLOB_DIGEST`, `TAR_REFUSED`
 */
export async function openImage(
  reference: string,
  { architecture, scratch }: { architecture: string; scratch: string },
): Promise<OpenedImage> {
  const { path, tag, isFolder } = await placeOf(reference);
  const folder = isFolder ? path : await unpackArchive(path, scratch);
  const found = (await isLayout(folder))
    ? await fromLayout(openLayout(folder), { path, tag, architecture })
    : await fromDockerArchive(folder, { path, tag });
  if (found.config.architecture !== architecture || found.config.os !== "linux")
    throw new HadronError(
      `The image is for ${found.config.os}/${found.config.architecture}, not linux/${architecture}`,
      {
        kind: "input",
        code: "IMAGE_ARCHITECTURE",
        at: path,
        hint: "Build it for this architecture, or choose another with --arch",
      },
    );
  return found;
}

interface Wanted {
  path: string;
  tag: string | undefined;
}

async function placeOf(reference: string): Promise<Wanted & { isFolder: boolean }> {
  const colon = reference.lastIndexOf(":");
  const candidates = [{ path: reference, tag: undefined as string | undefined }];
  if (colon > 0) candidates.push({ path: reference.slice(0, colon), tag: reference.slice(colon + 1) });
  for (const candidate of candidates) {
    const stats = await stat(candidate.path).catch(() => undefined);
    if (stats) return { ...candidate, isFolder: stats.isDirectory() };
  }
  throw notOci(reference, "There is nothing");
}

async function unpackArchive(path: string, scratch: string): Promise<string> {
  await mkdir(scratch, { recursive: true });
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
  const isGzip = bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  const bytes = createReadStream(path);
  await unpackTar(isGzip ? through(bytes, createGunzip()) : bytes, scratch);
  return scratch;
}

async function fromLayout(layout: Layout, wanted: Wanted & { architecture: string }): Promise<OpenedImage> {
  const { path } = wanted;
  const read = async <T>(described: FoundDescriptor, schema: z.ZodType<T>): Promise<T> =>
    asDocument(await layout.readJson(described), schema, { name: described.digest, path });
  const index = asDocument(await layout.readIndex(), imageIndex, { name: "index.json", path });
  let descriptor = choose(index.manifests, wanted);
  // An image for several architectures is an index in the index.
  for (let depth = 0; isIndex(descriptor) && depth < 3; depth += 1) {
    const { manifests } = await read(descriptor, imageIndex);
    descriptor = choose(manifests, { ...wanted, tag: undefined });
  }
  const manifest = await read(descriptor, imageManifest);
  const config = await read(manifest.config, imageConfig);
  const diffIds = config.rootfs?.diff_ids ?? [];
  if (manifest.layers.length !== diffIds.length) throw disagree(path);
  const layers = manifest.layers.map((layer, index) => ({
    name: diffIds[index] ?? "",
    open: () => checked(decompress(layout.readBlob(layer), layer, path), diffIds[index] ?? "", path),
  }));
  return { digest: { sha256: descriptor.digest.slice("sha256:".length), of: "manifest" }, config, layers };
}

/** What was read, once it is known to be what it should be. */
function asDocument<T>(value: unknown, schema: z.ZodType<T>, { name, path }: { name: string; path: string }): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw notOci(path, `"${name}" is not what it should be: ${z.prettifyError(parsed.error)}`);
}

function isIndex({ mediaType }: FoundDescriptor): boolean {
  return /image\.index\.v1\+json$|manifest\.list\.v2\+json$/.test(mediaType);
}

function choose(
  manifests: readonly FoundDescriptor[],
  { path, tag, architecture }: Wanted & { architecture: string },
): FoundDescriptor {
  // Attestations, bills of materials and signatures lie beside the images that they are of.
  const images = manifests.filter(
    ({ annotations, artifactType }) => annotations?.["vnd.docker.reference.type"] === undefined && !artifactType,
  );
  const named = tag === undefined ? images : images.filter((image) => refName(image) === tag);
  const fitting = named.filter(
    ({ platform }) => platform?.architecture === undefined || platform.architecture === architecture,
  );
  const digests = new Map((fitting.length > 0 ? fitting : named).map((image) => [image.digest, image]));
  const [only] = digests.values();
  if (only && digests.size === 1) return only;
  const names = images.map(refName).filter((name) => name !== undefined);
  throw ambiguous(path, tag, names);
}

function refName({ annotations }: FoundDescriptor): string | undefined {
  return annotations?.["org.opencontainers.image.ref.name"];
}

async function fromDockerArchive(folder: string, { path, tag }: Wanted): Promise<OpenedImage> {
  const manifests = await readJson(folder, "manifest.json", { path, schema: dockerManifests });
  const named = manifests.filter(
    ({ RepoTags }) => tag === undefined || RepoTags?.some((name) => name === tag || name.endsWith(`:${tag}`)),
  );
  const [only] = named;
  if (!only || named.length > 1)
    throw ambiguous(
      path,
      tag,
      manifests.flatMap(({ RepoTags }) => RepoTags ?? []),
    );
  const config = await readJson(folder, only.Config, { path, schema: imageConfig });
  const diffIds = config.rootfs?.diff_ids ?? [];
  if (only.Layers.length !== diffIds.length) throw disagree(path);
  const layers: ImageLayer[] = [];
  for (const [index, name] of only.Layers.entries()) {
    const file = await plainFile(folder, name, path);
    const diffId = diffIds[index] ?? "";
    layers.push({ name: diffId, open: () => checked(createReadStream(file), diffId, path) });
  }
  const sha256 = await sha256OfFile(await plainFile(folder, only.Config, path));
  return { digest: { sha256, of: "configuration" }, config, layers };
}

async function readJson<T>(
  folder: string,
  name: string,
  { path, schema }: { path: string; schema: z.ZodType<T> },
): Promise<T> {
  const text = await readFile(await plainFile(folder, name, path), "utf8");
  try {
    return asDocument(JSON.parse(text), schema, { name, path });
  } catch (error) {
    if (error instanceof HadronError) throw error;
    throw notOci(path, `"${name}" is no JSON`);
  }
}

/** A link in an archive could name any file of this machine. */
async function plainFile(folder: string, name: string, at: string): Promise<string> {
  const parts = name.split("/");
  if (parts.includes("..")) throw notOci(at, `It names "${name}", which leads out of it`);
  if (name.includes("\0")) throw notOci(at, `It names "${name}", which no file can be called`);
  for (let count = 1; count <= parts.length; count += 1) {
    const isLast = count === parts.length;
    const stats = await lstat(join(folder, ...parts.slice(0, count))).catch((error: unknown) => {
      throw isSystemError(error, "ENOENT", "ENOTDIR") ? notOci(at, `It has no "${name}"`) : error;
    });
    if (!(isLast ? stats.isFile() : stats.isDirectory())) throw notOci(at, `Its "${name}" is no file`);
  }
  return join(folder, name);
}

function decompress(blob: Readable, { mediaType }: Pick<FoundDescriptor, "mediaType">, at: string): Readable {
  if (/[.+]gzip$/.test(mediaType)) return through(blob, createGunzip());
  if (/[.+]zstd$/.test(mediaType)) return through(blob, createZstdDecompress());
  if (mediaType.endsWith(".tar")) return blob;
  throw new HadronError(`A layer has the media type "${mediaType}", which is not known`, {
    kind: "input",
    code: "IMAGE_NOT_OCI",
    at,
    hint: "Build it with layers that are tar archives, packed by gzip or zstd or not at all",
  });
}

function through<T extends NodeJS.ReadWriteStream & { destroy(error?: Error): unknown }>(from: Readable, to: T): T {
  from.on("error", (error) => to.destroy(error));
  return from.pipe(to);
}

function checked(bytes: Readable, digest: string, at: string): Readable {
  const check = async function* (): AsyncGenerator<Buffer> {
    const hash = createHash("sha256");
    for await (const chunk of bytes) {
      hash.update(chunk as Buffer);
      yield chunk as Buffer;
    }
    if (`sha256:${hash.digest("hex")}` === digest) return;
    throw new HadronError("A layer is not what the image's configuration says", {
      kind: "input",
      code: "BLOB_DIGEST",
      at,
      hint: "Save or build the image again",
    });
  };
  return Readable.from(check(), { objectMode: false });
}

function notOci(at: string, why: string): HadronError {
  return new HadronError(`Could not read a container image from "${at}": ${why}`, {
    kind: "input",
    code: "IMAGE_NOT_OCI",
    at,
    hint: "Name an OCI image layout, an oci-archive, or what docker save or podman save wrote",
  });
}

function disagree(at: string): HadronError {
  return notOci(at, "its manifest and its configuration have different numbers of layers");
}

function ambiguous(path: string, tag: string | undefined, names: readonly string[]): HadronError {
  const what = tag === undefined ? "not just one image" : `not just one image with the tag "${tag}"`;
  return new HadronError(`"${path}" has ${what} that fits`, {
    kind: "input",
    code: "IMAGE_AMBIGUOUS",
    at: path,
    hint: `Name one: ${path}:TAG; there are: ${[...new Set(names)].sort().join(", ") || "none with a name"}`,
  });
}
