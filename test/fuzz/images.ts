import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import fc from "fast-check";
import { sha256, silent } from "../../src/base/mod.ts";
import { openCaches, trustAnyone } from "../../src/engine/mod.ts";
import { openStore } from "../../src/engine/store/store.ts";
import { packTar } from "../../src/formats/mod.ts";
import { flatEntries, flattenLayers, inspect, mediaTypes, openImage } from "../../src/oci/mod.ts";
import { tarEntries, tarOf } from "./formats.ts";
import { spoiledJson, spoiledOf } from "./spoil.ts";
import { fileTarget, type Target } from "./target.ts";

const layer = await tarOf(
  [
    { name: "usr/bin/", linkname: "", type: "directory", mode: 0o755, text: "" },
    { name: "usr/bin/a", linkname: "", type: "file", mode: 0o755, text: "a program" },
    { name: "bin", linkname: "/usr/bin", type: "symlink", mode: 0o777, text: "" },
    { name: "bin/b", linkname: "usr/bin/a", type: "link", mode: 0o755, text: "" },
  ],
  "",
);
const config = {
  architecture: "amd64",
  os: "linux",
  rootfs: { type: "layers", diff_ids: [`sha256:${sha256(layer)}`] },
};
const dockerManifest = [{ Config: "config.json", RepoTags: ["a:b"], Layers: ["layer.tar"] }];
const blobName = (bytes: Buffer) => `blobs/sha256/${sha256(bytes)}`;
const describing = (mediaType: string, bytes: Buffer) => ({
  mediaType,
  digest: `sha256:${sha256(bytes)}`,
  size: bytes.length,
});
const asJson = (value: unknown) => Buffer.from(JSON.stringify(value));

/** One file of an image is spoiled, what names it by its digest is made to fit: so it is read. */
type Spoiled = { part: "index" | "manifest" | "config" | "layer"; text: Buffer };

function layout({ part, text }: Spoiled): Record<string, Buffer> {
  const of = (name: Spoiled["part"], good: Buffer) => (part === name ? text : good);
  const layerBytes = of("layer", layer);
  const diffIds = { type: "layers", diff_ids: [`sha256:${sha256(layerBytes)}`] };
  const configBytes = of("config", asJson({ ...config, rootfs: diffIds }));
  const manifestBytes = of(
    "manifest",
    asJson({
      schemaVersion: 2,
      mediaType: mediaTypes.manifest,
      config: describing(mediaTypes.config, configBytes),
      layers: [describing(mediaTypes.layerTar, layerBytes)],
    }),
  );
  const platform = { architecture: "amd64", os: "linux" };
  const indexBytes = of(
    "index",
    asJson({ schemaVersion: 2, manifests: [{ ...describing(mediaTypes.manifest, manifestBytes), platform }] }),
  );
  const files = { "oci-layout": asJson({ imageLayoutVersion: "1.0.0" }), "index.json": indexBytes };
  const blobs = [layerBytes, configBytes, manifestBytes].map((bytes) => [blobName(bytes), bytes] as const);
  return { ...files, ...Object.fromEntries(blobs) };
}

function dockerArchive({ part, text }: Spoiled): Record<string, Buffer> {
  const of = (name: Spoiled["part"], good: Buffer) => (part === name ? text : good);
  return {
    "manifest.json": of("manifest", asJson(dockerManifest)),
    "config.json": of("config", asJson(config)),
    "layer.tar": of("layer", layer),
  };
}

const manifestSample = {
  config: describing(mediaTypes.config, asJson(config)),
  layers: [describing(mediaTypes.layerTar, layer)],
};
const bytesOf = (json: fc.Arbitrary<string>) => json.map((text) => Buffer.from(text));
const spoiledPart: fc.Arbitrary<Spoiled> = fc.oneof(
  fc.record({
    part: fc.constant("index" as const),
    text: bytesOf(spoiledJson([{ manifests: [manifestSample.config] }])),
  }),
  fc.record({ part: fc.constant("manifest" as const), text: bytesOf(spoiledJson([manifestSample, dockerManifest])) }),
  fc.record({ part: fc.constant("config" as const), text: bytesOf(spoiledJson([config])) }),
  fc.record({ part: fc.constant("layer" as const), text: spoiledOf(fc.constant(layer)) }),
);

async function readImage(path: string, folder: string): Promise<void> {
  const { layers } = await openImage(path, { architecture: "amd64", scratch: join(folder, "archive") });
  const root = await flattenLayers(layers, join(folder, "content"));
  await buffer(packTar(flatEntries(root), 1));
}

async function writeFiles(folder: string, files: Record<string, Buffer>): Promise<void> {
  for (const [path, bytes] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
  }
}

const key = "0123456789abcdef".repeat(4);
const entryFacts = { "io.hadron.step.key": key, "io.hadron.step.output": key, "io.hadron.step.name": "zlib" };
const cacheManifest = {
  schemaVersion: 2,
  config: describing(mediaTypes.empty, asJson({})),
  layers: manifestSample.layers,
};

/** What container images, and caches that are laid out like one, consist of. */
export const images: readonly Target[] = [
  fileTarget({
    name: "layers over each other",
    few: 15,
    inputs: fc.array(tarEntries, { maxLength: 3 }),
    read: async (all, { folder, outside }) => {
      const archives = await Promise.all(all.map((entries) => tarOf(entries, outside)));
      const layers = archives.map((bytes) => ({ name: "sha256:1", open: () => Readable.from([bytes]) }));
      const root = await flattenLayers(layers, join(folder, "content"));
      for (const { path } of flatEntries(root))
        if (path.startsWith("/") || path.split("/").includes("..")) throw new Error(`"${path}" leads out`);
    },
  }),
  fileTarget({
    name: "an OCI image layout",
    few: 10,
    inputs: spoiledPart,
    read: async (part, { folder }) => {
      await writeFiles(join(folder, "image"), layout(part));
      await readImage(join(folder, "image"), folder);
    },
  }),
  fileTarget({
    name: "an OCI image layout that is inspected",
    few: 40,
    inputs: spoiledPart,
    read: async (part, { folder }) => {
      await writeFiles(folder, layout(part));
      await inspect(folder, { environment: { HOME: folder } });
    },
  }),
  fileTarget({
    name: "what docker save wrote",
    few: 10,
    inputs: spoiledPart,
    read: async (part, { folder }) => {
      await writeFiles(join(folder, "image"), dockerArchive(part));
      await readImage(join(folder, "image"), folder);
    },
  }),
  fileTarget({
    name: "a cache folder",
    few: 5,
    inputs: fc.tuple(spoiledJson([cacheManifest]), spoiledJson([entryFacts]), spoiledOf(fc.constant(layer))),
    read: async ([manifest, annotations, bytes], { folder }) => {
      const manifestBytes = Buffer.from(manifest);
      const entry = { ...describing(mediaTypes.manifest, manifestBytes), annotations: parsed(annotations) };
      await writeFiles(join(folder, "cache"), {
        "oci-layout": asJson({ imageLayoutVersion: "1.0.0" }),
        "index.json": asJson({ manifests: [entry] }),
        [blobName(manifestBytes)]: manifestBytes,
        [blobName(layer)]: bytes,
      });
      const store = await openStore(join(folder, "store"));
      const caches = await openCaches([join(folder, "cache")], store, { emit: silent, trust: trustAnyone });
      const found = await caches.look(key, { id: "zlib" });
      if (found && (await caches.take(found, { id: "zlib" })))
        throw new Error("An output with another digest was taken");
    },
  }),
];

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
