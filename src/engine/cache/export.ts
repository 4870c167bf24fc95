import { mkdir, mkdtempDisposable, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compareText, type Emit, type Sha256 } from "../../base/mod.ts";
import {
  type Descriptor,
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
import { annotationsOf, factsOf, signatureOf, stepArtifactType } from "./entry.ts";
import { readEntry } from "./folder-place.ts";
import { cutIntoLayers } from "./layers.ts";
import { type Entry, isOfEntry } from "./place.ts";
import { findEntry } from "./registry-place.ts";
import type { EntrySigner } from "./trust.ts";

export interface ExportedCache {
  entries: number;
  /** What their outputs take, compressed. */
  bytes: number;
}

/** Without a signer entries are written unsigned. */
interface Signing {
  signer?: EntrySigner | undefined;
}

/**
 * Writes step outputs to an OCI image layout in a folder, one manifest a step, and adds them to what the folder already
 * holds: an entry that is there stays, unless it can't be read or lacks the signer's signature. The index is written last.
 * @param results In the graph's order
 * @throws HadronError `CACHE_OUTPUT_MISSING` where only the digest of an output is known here, and what signing throws
 */
export async function exportCache(
  store: Pick<Store, "objectPath">,
  results: readonly StepResult[],
  folder: string,
  { emit, signer }: Signing & { emit: Emit },
): Promise<ExportedCache> {
  await mkdir(folder, { recursive: true });
  const layout = openLayout(folder);
  const present = (await layout.readIndex()).manifests;
  const byKey = new Map(present.map((descriptor) => [factsOf(descriptor)?.key ?? descriptor.digest, descriptor]));
  const writeLayers = cutIntoLayers(store, outputsOf(results));
  const sizes = new Map<string, number>();
  const missing: StepResult[] = [];
  for (const result of results) {
    const descriptor = byKey.get(result.key);
    const entry = descriptor && (await unlessDamaged(readEntry(layout, descriptor)));
    if (!mayStay(entry, signer)) missing.push(result);
  }
  await eachStep(missing, emit, async (result) => {
    const layers = await writeLayers(result.output, layout);
    for (const { digest, size } of layers) sizes.set(digest, size);
    const signature = await signer?.sign(result, signatureOf(byKey.get(result.key) ?? {}));
    byKey.set(result.key, await writeEntry(layout, result, { layers, signature }));
  });
  const manifests = [...byKey.values()].sort((a, b) => compareText(a.digest, b.digest));
  await layout.writeIndex(manifests);
  return { entries: missing.length, bytes: sumOf(sizes) };
}

/**
 * The same to a repository of a registry, where an entry is tagged with its step's key.
 * @throws HadronError `CACHE_OUTPUT_MISSING`, `REGISTRY_…`, and what signing throws
 */
export async function exportToRegistry(
  store: Pick<Store, "objectPath">,
  results: readonly StepResult[],
  reference: Reference,
  { signer, ...options }: RegistryOptions & Signing,
): Promise<ExportedCache> {
  using repository = openRepository(reference, "push", options);
  const missing: StepResult[] = [];
  const present = new Map<Sha256, string | undefined>();
  for (const result of results) {
    const entry = await unlessDamaged(findEntry(repository, result.key));
    if (mayStay(entry, signer)) continue;
    missing.push(result);
    present.set(result.key, entry?.signature);
  }
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
    const signature = await signer?.sign(result, present.get(result.key));
    const descriptor = await writeEntry(layout, result, { layers, signature });
    const config = await layout.writeJson({}, mediaTypes.empty);
    await uploadBlob(repository, config, layout.blobPath(config.digest));
    const bytes = await readFile(layout.blobPath(descriptor.digest));
    await putManifest(repository, { bytes, descriptor }, result.key);
  });
  return { entries: missing.length, bytes: sumOf(sizes) };
}

/** An entry that nobody could take counts as none: it would be in the way of the step's output for ever. */
async function unlessDamaged(reading: Promise<Entry | undefined>): Promise<Entry | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (isOfEntry(error)) return undefined;
    throw error;
  }
}

/** Whether an entry that a cache has can be left as it is: any can, but where a signature of the signer's is wanted. */
function mayStay(entry: Entry | undefined, signer: EntrySigner | undefined): boolean {
  if (entry === undefined || signer === undefined) return entry !== undefined;
  return entry.signature !== undefined && signer.hasSigned(entry.facts, entry.signature);
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

async function writeEntry(
  layout: Layout,
  result: StepResult,
  { layers, signature }: { layers: Descriptor[]; signature: string | undefined },
): Promise<Descriptor> {
  const annotations = annotationsOf(result, signature);
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
