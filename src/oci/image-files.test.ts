import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { sha256 } from "../base/mod.ts";
import type { ImageConfig, ImageFacts } from "./image-config.ts";
import { dockerArchiveFiles, type ImageFile, layoutFiles } from "./image-files.ts";
import type { Index, Manifest } from "./layout.ts";

const facts: ImageFacts = {
  name: "hadron/cloud",
  version: "1.2.3",
  title: "Hadron cloud",
  summary: "Virtual machines",
  architecture: "amd64",
  created: 1767225600,
};

async function twoLayers() {
  const folder = await mkdtempDisposable(join(tmpdir(), "hadron-image-"));
  const layers = [];
  for (const name of ["libc", "os"]) {
    const [tar, gzip] = [join(folder.path, `${name}.tar`), join(folder.path, `${name}.tar.gz`)];
    await writeFile(tar, name);
    await writeFile(gzip, gzipSync(name));
    layers.push({ name, tar, gzip });
  }
  return { layers, [Symbol.asyncDispose]: () => folder.remove() };
}

async function json<T>(files: readonly ImageFile[], path: string): Promise<T> {
  const file = files.find((one) => one.path === path);
  return JSON.parse(file ? await text(file.content()) : "null") as T;
}

const blob = (digest: string): string => digest.replace("sha256:", "blobs/sha256/");

it("a layout names one image by its version, and has every blob under its digest and size", async () => {
  await using made = await twoLayers();
  for (const compressed of [true, false]) {
    const { files, digest } = await layoutFiles(facts, made.layers, { compressed });
    for (const file of files.filter(({ path }) => path.startsWith("blobs/"))) {
      const content = Buffer.concat(await file.content().toArray());
      expect([file.path, file.size]).toEqual([`blobs/sha256/${sha256(content)}`, content.length]);
    }
    const index = await json<Index>(files, "index.json");
    expect(index.manifests).toMatchObject([
      {
        digest,
        platform: { architecture: "amd64", os: "linux" },
        annotations: { "org.opencontainers.image.ref.name": "1.2.3" },
      },
    ]);
    const manifest = await json<Manifest>(files, blob(digest));
    expect(manifest.layers.map(({ mediaType }) => mediaType.endsWith("+gzip"))).toEqual([compressed, compressed]);
    expect(manifest.annotations).toMatchObject({
      "org.opencontainers.image.created": "2026-01-01T00:00:00Z",
      "org.opencontainers.image.title": "Hadron cloud",
      "org.opencontainers.image.version": "1.2.3",
    });
    const config = await json<ImageConfig>(files, blob(manifest.config.digest));
    expect(config).toMatchObject({ architecture: "amd64", os: "linux", created: "2026-01-01T00:00:00Z" });
    expect(config.config).toMatchObject({ Cmd: ["/bin/sh"], StopSignal: "SIGRTMIN+3" });
    expect(config.config).not.toHaveProperty("Entrypoint");
    expect(config.rootfs.diff_ids).toEqual(["libc", "os"].map((name) => `sha256:${sha256(name)}`));
    expect(config.history).toHaveLength(2);
  }
});

it("a docker archive has a manifest that names the configuration, the tag, and the layers lowest first", async () => {
  await using made = await twoLayers();
  const { files } = await dockerArchiveFiles(facts, made.layers);
  const [image] = await json<{ Config: string; RepoTags: string[]; Layers: string[] }[]>(files, "manifest.json");
  expect(image?.RepoTags).toEqual(["hadron/cloud:1.2.3"]);
  expect(image?.Layers).toEqual(["libc", "os"].map((name) => `${sha256(name)}.tar`));
  const config = await json<ImageConfig>(files, image?.Config ?? "");
  expect(config.rootfs.diff_ids).toHaveLength(2);
  expect(files.map(({ path }) => path)).toEqual([...(image?.Layers ?? []), image?.Config, "manifest.json"]);
});
