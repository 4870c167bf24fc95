import { createReadStream } from "node:fs";
import { mkdir, mkdtempDisposable, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compareText, type Emit, HadronError, isSystemError, programName } from "../../base/mod.ts";
import { packTar } from "../../formats/mod.ts";
import { sourceDateEpoch } from "../../graph/mod.ts";
import {
  type Descriptor,
  findManifest,
  type Layout,
  type Manifest,
  mediaTypes,
  openLayout,
  openRepository,
  putManifest,
  type Reference,
  type RegistryOptions,
  uploadBlob,
} from "../../oci/mod.ts";
import type { StepResult, Store } from "../store/store.ts";
import { readTree, treeSize } from "../store/tree.ts";

import { compressed } from "./compress.ts";
import { annotationsOf, factsOf, stepArtifactType } from "./entry.ts";

export interface ExportedCache {
  entries: number;
  /** What their outputs take, compressed. */
  bytes: number;
}

/**
 * Writes step outputs to an OCI image layout in a folder, one manifest a step, and adds them to what the folder already
 * holds. The index is written last.
 * @throws HadronError `CACHE_OUTPUT_MISSING` where only the digest of an output is known here.
 */
export async function exportCache(
  store: Pick<Store, "objectPath">,
  results: readonly StepResult[],
  folder: string,
  emit: Emit,
): Promise<ExportedCache> {
  await mkdir(folder, { recursive: true });
  const layout = openLayout(folder);
  const present = (await layout.readIndex()).manifests;
  const byKey = new Map(present.map((descriptor) => [factsOf(descriptor)?.key ?? descriptor.digest, descriptor]));
  const layers = new Map<string, Descriptor>();
  const missing = results.filter(({ key }) => !byKey.has(key));
  await eachStep(missing, emit, async (result) => {
    const layer = layers.get(result.output) ?? (await writeLayer(layout, store, result.output));
    layers.set(result.output, layer);
    byKey.set(result.key, await writeEntry(layout, result, layer));
  });
  const manifests = [...byKey.values()].sort((a, b) => compareText(a.digest, b.digest));
  await layout.writeIndex(manifests);
  return { entries: missing.length, bytes: sizeOf(layers) };
}

/**
 * The same to a repository of a registry: an entry is tagged with its step's key, and what is there already is left as it is.
 * @throws HadronError `CACHE_OUTPUT_MISSING`, `REGISTRY_…`
 */
export async function exportToRegistry(
  store: Pick<Store, "objectPath">,
  results: readonly StepResult[],
  reference: Reference,
  options: RegistryOptions,
): Promise<ExportedCache> {
  using repository = openRepository(reference, "push", options);
  const missing: StepResult[] = [];
  for (const result of results) if ((await findManifest(repository, result.key)) === undefined) missing.push(result);
  const layers = new Map<string, Descriptor>();
  await eachStep(missing, repository.emit, async (result) => {
    // The store may be one that is only read.
    await using work = await mkdtempDisposable(join(tmpdir(), "hadron-export-"));
    const layout = openLayout(work.path);
    const known = layers.get(result.output);
    const layer = known ?? (await writeLayer(layout, store, result.output));
    if (known === undefined) await uploadBlob(repository, layer, layout.blobPath(layer.digest));
    layers.set(result.output, layer);
    const descriptor = await writeEntry(layout, result, layer);
    const config = await layout.writeJson({}, mediaTypes.empty);
    await uploadBlob(repository, config, layout.blobPath(config.digest));
    const bytes = await readFile(layout.blobPath(descriptor.digest));
    await putManifest(repository, { bytes, descriptor }, result.key);
  });
  return { entries: missing.length, bytes: sizeOf(layers) };
}

function sizeOf(layers: ReadonlyMap<string, Descriptor>): number {
  return [...layers.values()].reduce((sum, layer) => sum + layer.size, 0);
}

async function eachStep(
  results: readonly StepResult[],
  emit: Emit,
  act: (result: StepResult) => Promise<void>,
): Promise<void> {
  emit({ type: "plan", total: results.length });
  for (const result of results) {
    const began = performance.now();
    const end = (outcome: "exported" | "failed") =>
      emit({
        type: "step-end",
        step: result.step,
        outcome,
        seconds: Math.round((performance.now() - began) / 10) / 100,
      });
    emit({ type: "step-start", step: result.step, at: "" });
    try {
      await act(result);
    } catch (error) {
      end("failed");
      throw error;
    }
    end("exported");
  }
}

async function writeLayer(layout: Layout, store: Pick<Store, "objectPath">, output: string): Promise<Descriptor> {
  const root = store.objectPath(output);
  const tree = await readTree(root).catch((error: unknown) => {
    throw isSystemError(error, "ENOENT") ? outputMissing(output, root) : error;
  });
  const entries = tree.map((entry) =>
    entry.type === "file" ? { ...entry, content: () => createReadStream(join(root, entry.path)) } : entry,
  );
  const layer = await compressed(packTar(entries, sourceDateEpoch), treeSize(tree));
  const { digest, size } = await layout.writeBlob(layer);
  return { mediaType: mediaTypes.layerTarZstd, digest, size };
}

function outputMissing(output: string, path: string): HadronError {
  return new HadronError(`The output ${output.slice(0, 12)}… is known, but not in the store`, {
    kind: "store",
    code: "CACHE_OUTPUT_MISSING",
    at: path,
    hint: `${programName()} build brings it here`,
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
