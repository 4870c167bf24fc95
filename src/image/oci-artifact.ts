import { createWriteStream } from "node:fs";
import { mkdir, readdir, readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { compareText } from "../base/mod.ts";
import { packTar } from "../formats/mod.ts";
import {
  dockerArchiveFiles,
  type ImageFacts,
  type ImageFile,
  type LayerFiles,
  layoutFiles,
  type WrittenImage,
} from "../oci/mod.ts";

/** Container images from the output of `<image>:layers`: `from` is the file of facts, the layers lie beside it. */

interface Options {
  signal?: AbortSignal | undefined;
}

/** An OCI image layout in the folder `to`. @returns its bytes, and the digest of its manifest */
export async function writeOciLayout(
  from: string,
  to: string,
  { signal }: Options,
): Promise<{ bytes: number; sha256: string }> {
  const { facts, layers } = await readLayers(from);
  const { files, digest } = await layoutFiles(facts, layers, { compressed: true });
  for (const file of files) {
    const path = join(to, file.path);
    await mkdir(dirname(path), { recursive: true });
    await pipeline(file.content(), createWriteStream(path, { flush: true, mode: 0o644 }), signalled(signal));
  }
  return { bytes: files.reduce((sum, { size }) => sum + size, 0), sha256: digest.slice("sha256:".length) };
}

/** The layout in one file, layers uncompressed: what stores or sends the file compresses all of it at once. */
export async function writeOciArchive(from: string, to: string, options: Options): Promise<undefined> {
  const { facts, layers } = await readLayers(from);
  await writeArchive(await layoutFiles(facts, layers, { compressed: false }), { to, facts, ...options });
}

export async function writeDockerArchive(from: string, to: string, options: Options): Promise<undefined> {
  const { facts, layers } = await readLayers(from);
  await writeArchive(await dockerArchiveFiles(facts, layers), { to, facts, ...options });
}

async function writeArchive(
  { files }: WrittenImage,
  { to, facts, signal }: { to: string; facts: ImageFacts } & Options,
): Promise<void> {
  const folders = new Set(files.flatMap(({ path }) => foldersOf(path)));
  const entries = [
    ...[...folders].sort(compareText).map((path) => ({ path, type: "directory" as const, mode: 0o755 })),
    ...files.map((file: ImageFile) => ({ ...file, type: "file" as const, mode: 0o644 })),
  ];
  await pipeline(packTar(entries, facts.created), createWriteStream(to), signalled(signal));
}

function foldersOf(path: string): string[] {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}

function signalled(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

async function readLayers(from: string): Promise<{ facts: ImageFacts; layers: LayerFiles[] }> {
  const folder = dirname(from);
  const facts = JSON.parse(await readFile(from, "utf8")) as ImageFacts;
  const layers: LayerFiles[] = [];
  for (const name of (await readdir(folder)).filter((one) => one.endsWith(".tar")).sort(compareText)) {
    const tar = join(folder, name);
    const gzip = `${tar}.gz`;
    await stat(gzip);
    layers.push({ name: name.slice("00-".length, -".tar".length), tar, gzip });
  }
  return { facts, layers };
}
