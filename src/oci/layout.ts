import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { HadronError, isSystemError, type Sha256, sha256, writeFileAtomic } from "../base/mod.ts";
import { missingBlob, wrongBlob } from "./blob-failures.ts";

/** OCI image specification 1.1, descriptor. */
export interface Descriptor {
  mediaType: string;
  /** `sha256:<hex>`. */
  digest: string;
  size: number;
  artifactType?: string;
  platform?: { architecture: string; os: string };
  annotations?: Record<string, string>;
}

export interface Manifest {
  schemaVersion: 2;
  mediaType: "application/vnd.oci.image.manifest.v1+json";
  artifactType?: string;
  config: Descriptor;
  layers: Descriptor[];
  annotations?: Record<string, string>;
}

export interface Index {
  schemaVersion: 2;
  mediaType: "application/vnd.oci.image.index.v1+json";
  manifests: Descriptor[];
}

export const mediaTypes = {
  index: "application/vnd.oci.image.index.v1+json",
  manifest: "application/vnd.oci.image.manifest.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  layerTar: "application/vnd.oci.image.layer.v1.tar",
  layerTarGzip: "application/vnd.oci.image.layer.v1.tar+gzip",
  layerTarZstd: "application/vnd.oci.image.layer.v1.tar+zstd",
  empty: "application/vnd.oci.empty.v1+json",
} as const;

/** An image layout in a folder (OCI image specification 1.1, "image-layout"). */
export interface Layout {
  readonly path: string;
  blobPath(digest: string): string;
  writeBlob(content: Readable): Promise<{ digest: string; size: number }>;
  writeJson(value: unknown, mediaType: string): Promise<Descriptor>;
  /** @throws HadronError `BLOB_DIGEST` where the bytes are not what their name says, `BLOB_MISSING`, `BLOB_INVALID`. */
  readJson<T>(descriptor: Pick<Descriptor, "digest">): Promise<T>;
  /** A blob's bytes; the stream fails at its end with `BLOB_DIGEST` where they are not what their name says. */
  readBlob(descriptor: Pick<Descriptor, "digest">): Readable;
  readIndex(): Promise<Index>;
  /** Written last: what it does not name is not there. */
  writeIndex(manifests: Descriptor[]): Promise<void>;
}

export function openLayout(path: string): Layout {
  const blobPath = (digest: string) => join(path, "blobs", "sha256", hexOf(digest));
  return {
    path,
    blobPath,
    writeBlob: async (content) => {
      await mkdir(join(path, "blobs", "sha256"), { recursive: true });
      const beside = join(path, "blobs", `${process.pid}.${counter++}.part`);
      const meter = measure();
      try {
        await pipeline(content, meter.stream, createWriteStream(beside, { flush: true }));
        const { digest, size } = meter.result();
        await rename(beside, blobPath(digest));
        return { digest, size };
      } catch (error) {
        await rm(beside, { force: true });
        throw error;
      }
    },
    writeJson: async (value, mediaType) => {
      const bytes = Buffer.from(JSON.stringify(value));
      const digest = `sha256:${sha256(bytes)}`;
      await writeFileAtomic(blobPath(digest), bytes);
      return { mediaType, digest, size: bytes.length };
    },
    readJson: async <T>({ digest }: Pick<Descriptor, "digest">) => {
      const file = blobPath(digest);
      const bytes = await readFile(file).catch((error: unknown) => {
        throw isSystemError(error, "ENOENT") ? missingBlob(file, error) : error;
      });
      if (`sha256:${sha256(bytes)}` !== digest) throw wrongBlob(file);
      try {
        return JSON.parse(bytes.toString("utf8")) as T;
      } catch (cause) {
        throw new HadronError("A blob is no JSON", {
          kind: "input",
          code: "BLOB_INVALID",
          at: file,
          cause,
          hint: "Make the image anew, or pull it again",
        });
      }
    },
    readBlob: (descriptor) =>
      Readable.from(checkedBytes(blobPath(descriptor.digest), descriptor.digest), { objectMode: false }),
    readIndex: async () => {
      const file = join(path, "index.json");
      try {
        const index = JSON.parse(await readFile(file, "utf8")) as Index;
        if (Array.isArray(index.manifests) && index.manifests.every(isDescriptor)) return index;
      } catch (error) {
        if (isSystemError(error, "ENOENT")) return { schemaVersion: 2, mediaType: mediaTypes.index, manifests: [] };
        if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
      }
      throw new HadronError("The layout's index is not an image index", {
        kind: "input",
        code: "LAYOUT_INVALID",
        at: file,
        hint: "Name another folder, or remove this one and write the layout anew",
      });
    },
    writeIndex: async (manifests) => {
      await writeFileAtomic(join(path, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
      const index: Index = { schemaVersion: 2, mediaType: mediaTypes.index, manifests };
      await writeFileAtomic(join(path, "index.json"), JSON.stringify(index));
    },
  };
}

async function* checkedBytes(file: string, digest: string): AsyncGenerator<Buffer> {
  const hash = createHash("sha256");
  try {
    for await (const chunk of createReadStream(file)) {
      hash.update(chunk as Buffer);
      yield chunk as Buffer;
    }
  } catch (error) {
    throw isSystemError(error, "ENOENT") ? missingBlob(file, error) : error;
  }
  if (`sha256:${hash.digest("hex")}` !== digest) throw wrongBlob(file);
}

function isDescriptor(value: unknown): value is Descriptor {
  if (typeof value !== "object" || value === null || !("digest" in value && "mediaType" in value)) return false;
  return typeof value.digest === "string" && typeof value.mediaType === "string";
}

let counter = 0;

/** Whether a folder holds an image layout. */
export async function isLayout(path: string): Promise<boolean> {
  return stat(join(path, "oci-layout")).then(
    (stats) => stats.isFile(),
    () => false,
  );
}

function measure(): { stream: Transform; result: () => { digest: string; size: number } } {
  const hash = createHash("sha256");
  let size = 0;
  const stream = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      hash.update(chunk);
      size += chunk.length;
      done(null, chunk);
    },
  });
  return { stream, result: () => ({ digest: `sha256:${hash.digest("hex")}`, size }) };
}

function hexOf(digest: string): Sha256 {
  const match = /^sha256:([0-9a-f]{64})$/.exec(digest);
  if (match?.[1]) return match[1];
  throw new HadronError(`"${digest}" is not a SHA-256 digest`, {
    kind: "input",
    code: "DIGEST_INVALID",
    hint: "Blobs are named by SHA-256 alone here (sha256: and 64 hexadecimal digits): make the image with such digests",
  });
}
