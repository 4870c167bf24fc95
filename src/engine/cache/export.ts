import { createReadStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { constants, createZstdCompress } from "node:zlib";
import { compareText, type Emit, HadronError, isSystemError } from "../../base/mod.ts";
import { packTar } from "../../formats/mod.ts";
import { sourceDateEpoch } from "../../graph/mod.ts";
import { type Descriptor, type Layout, type Manifest, mediaTypes, openLayout } from "../../oci/mod.ts";
import type { StepResult, Store } from "../store/store.ts";
import { readTree } from "../store/tree.ts";
import { annotationsOf, factsOf, stepArtifactType } from "./entry.ts";

const compressionLevel = 15;

/**
 * Writes step outputs to an OCI image layout in a folder, one manifest a step, and adds them to what the folder already
 * holds. The index is written last.
 * @returns the number of entries written and the bytes that their outputs take in the layout.
 * @throws HadronError `CACHE_OUTPUT_MISSING` where only the digest of an output is known here.
 */
export async function exportCache(
  store: Store,
  results: readonly StepResult[],
  folder: string,
  emit: Emit,
): Promise<{ entries: number; bytes: number }> {
  await mkdir(folder, { recursive: true });
  const layout = openLayout(folder);
  const present = (await layout.readIndex()).manifests;
  const byKey = new Map(present.map((descriptor) => [factsOf(descriptor)?.key ?? descriptor.digest, descriptor]));
  const layers = new Map<string, Descriptor>();
  let entries = 0;
  for (const result of results) {
    if (byKey.has(result.key)) continue;
    entries += 1;
    emit({ type: "step-line", step: result.step, line: `exporting ${result.size} bytes` });
    const layer = layers.get(result.output) ?? (await writeLayer(layout, store, result.output));
    layers.set(result.output, layer);
    byKey.set(result.key, await writeEntry(layout, result, layer));
  }
  const manifests = [...byKey.values()].sort((a, b) => compareText(a.digest, b.digest));
  await layout.writeIndex(manifests);
  return { entries, bytes: [...layers.values()].reduce((sum, layer) => sum + layer.size, 0) };
}

async function writeLayer(layout: Layout, store: Store, output: string): Promise<Descriptor> {
  const root = store.objectPath(output);
  const tree = await readTree(root).catch((error: unknown) => {
    throw isSystemError(error, "ENOENT") ? missing(output, root) : error;
  });
  const entries = tree.map((entry) =>
    entry.type === "file" ? { ...entry, content: () => createReadStream(join(root, entry.path)) } : entry,
  );
  const compress = createZstdCompress({
    params: { [constants.ZSTD_c_compressionLevel]: compressionLevel, [constants.ZSTD_c_checksumFlag]: 1 },
  });
  const { digest, size } = await layout.writeBlob(packTar(entries, sourceDateEpoch).pipe(compress));
  return { mediaType: mediaTypes.layerTarZstd, digest, size };
}

function missing(output: string, path: string): HadronError {
  return new HadronError(`The output ${output.slice(0, 12)}… is known, but not in the store`, {
    kind: "store",
    code: "CACHE_OUTPUT_MISSING",
    at: path,
    hint: "hadron build brings it here",
  });
}

async function writeEntry(layout: Layout, result: StepResult, layer: Descriptor): Promise<Descriptor> {
  const annotations = annotationsOf(result);
  const config = await layout.writeJson({}, mediaTypes.empty);
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    artifactType: stepArtifactType,
    config,
    layers: [layer],
    annotations,
  };
  return { ...(await layout.writeJson(manifest, mediaTypes.manifest)), artifactType: stepArtifactType, annotations };
}
