import { resolve } from "node:path";
import { entrySigner } from "../attest/mod.ts";
import {
  cacheRepository,
  type EntrySigner,
  type ExportedCache,
  exportCache,
  exportToRegistry,
  type StepResult,
  type StoreView,
} from "../engine/mod.ts";
import type { Context } from "./command.ts";
import { openSigningKey } from "./open-key.ts";
import { type RegistryInput, registryOptions } from "./registry-options.ts";

/** What the command line says about who vouches for what goes to a cache. */
export interface CacheKeyInput {
  cacheKey: string | undefined;
  allowTestKey: boolean;
  mirror: string | undefined;
  offline: boolean;
}

/** @returns undefined where what goes there is not to be signed. @throws HadronError `KEY_…`, `PKCS11_FAILED` */
export async function openEntrySigner(input: CacheKeyInput, context: Context): Promise<EntrySigner | undefined> {
  if (input.cacheKey === undefined) return undefined;
  return entrySigner(await openSigningKey({ ...input, key: input.cacheKey }, context));
}

export interface ExportOptions {
  results: readonly StepResult[];
  signer: EntrySigner | undefined;
  input: RegistryInput;
  context: Context;
}

/**
 * Writes outputs of a store to a cache.
 * @param to A folder, or `oci://HOST/NAME`
 * @throws HadronError `REFERENCE_INVALID`, `CACHE_OUTPUT_MISSING`, `REGISTRY_…`, and what signing throws
 */
export async function exportOutputs(
  store: Pick<StoreView, "objectPath">,
  to: string,
  { results, signer, input, context }: ExportOptions,
): Promise<ExportedCache> {
  const { emit } = context;
  const repository = cacheRepository(to);
  if (repository === undefined) return exportCache(store, results, resolve(to), { emit, signer });
  if (signer === undefined)
    emit({ type: "note", message: `What goes to ${to} is not signed: it is taken only with --cache-trust none` });
  return exportToRegistry(store, results, repository, { ...(await registryOptions(input, context)), signer });
}
