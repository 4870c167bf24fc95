import { mkdir, mkdtempDisposable, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compareText, type Emit } from "../../base/mod.ts";
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
import { annotationsOf, factsOf, stepArtifactType } from "./entry.ts";
import { cutIntoLayers } from "./layers.ts";

export interface ExportedCache {
  entries: number;
  /** What their outputs take, compressed. */
  bytes: number;
}

/**
 * Writes step outputs to an OCI image layout in a folder, one manifest a step, and adds them to what the folder already
 * holds. The index is written last.
 * @param results In the graph's order
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
  const writeLayers = cutIntoLayers(store, outputsOf(results));
  const sizes = new Map<string, number>();
  const missing = results.filter(({ key }) => !byKey.has(key));
  await eachStep(missing, emit, async (result) => {
    const layers = await writeLayers(result.output, layout);
    for (const { digest, size } of layers) sizes.set(digest, size);
    byKey.set(result.key, await writeEntry(layout, result, layers));
  });
  const manifests = [...byKey.values()].sort((a, b) => compareText(a.digest, b.digest));
  await layout.writeIndex(manifests);
  return { entries: missing.length, bytes: sumOf(sizes) };
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
  const writeLayers = cutIntoLayers(store, outputsOf(results));
  const sizes = new Map<string, number>();
  await eachStep(missing, repository.emit, async (result) => {
    // The store may be one that is only read.
    await using work = await mkdtempDisposable(join(tmpdir(), "hadron-export-"));
    const layout = openLayout(work.path);
    const layers = await writeLayers(result.output, layout);
    for (const layer of layers) {
      if (!sizes.has(layer.digest)) await uploadBlob(repository, layer, layout.blobPath(layer.digest));
      sizes.set(layer.digest, layer.size);
    }
    const descriptor = await writeEntry(layout, result, layers);
    const config = await layout.writeJson({}, mediaTypes.empty);
    await uploadBlob(repository, config, layout.blobPath(config.digest));
    const bytes = await readFile(layout.blobPath(descriptor.digest));
    await putManifest(repository, { bytes, descriptor }, result.key);
  });
  return { entries: missing.length, bytes: sumOf(sizes) };
}

function outputsOf(results: readonly StepResult[]): string[] {
  return results.map(({ output }) => output);
}

function sumOf(sizes: ReadonlyMap<string, number>): number {
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
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

async function writeEntry(layout: Layout, result: StepResult, layers: Descriptor[]): Promise<Descriptor> {
  const annotations = annotationsOf(result);
  const config = await layout.writeJson({}, mediaTypes.empty);
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    artifactType: stepArtifactType,
    config,
    layers,
    annotations,
  };
  return { ...(await layout.writeJson(manifest, mediaTypes.manifest)), artifactType: stepArtifactType, annotations };
}
