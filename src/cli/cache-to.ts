import { type BuildOptions, cacheRepository, closure, shareStore, surveySteps } from "../engine/mod.ts";
import type { Graph } from "../graph/mod.ts";
import type { Context } from "./command.ts";
import { type CacheKeyInput, exportOutputs, openEntrySigner } from "./export-outputs.ts";
import type { RegistryInput } from "./registry-options.ts";

/** What the command line says about caches that get what was built. */
export interface CacheToInput extends CacheKeyInput, RegistryInput {
  cacheTo: string[];
}

/**
 * Gives the caches of `--cache-to` the outputs that the store has of steps and of all that these come from.
 * @param graph That of the checkout alone. What was made of files given from outside (a container image, an extension's folder,
 * signatures of modules) is in no step of it, and so is never handed on
 * @param wanted Those that are no steps of it are left out
 */
export type Share = (
  graph: Graph,
  wanted: readonly string[],
  options: Pick<BuildOptions, "store" | "toolbox" | "sources">,
) => Promise<void>;

/**
 * Looks at all that can be judged before anything is built.
 * @throws HadronError `REFERENCE_INVALID`, `KEY_…`, `PKCS11_FAILED`; later what exporting throws
 */
export async function openCacheTo(input: CacheToInput, context: Context): Promise<Share> {
  const { emit, signal } = context;
  const registries = input.cacheTo.filter((to) => cacheRepository(to) !== undefined);
  const places = input.offline ? input.cacheTo.filter((to) => !registries.includes(to)) : input.cacheTo;
  if (input.offline)
    for (const to of registries) emit({ type: "note", message: `Nothing is sent to the cache in ${to}: offline` });
  if (places.length === 0) return async () => {};
  const signer = await openEntrySigner(input, context);
  return async (graph, wanted, { store, toolbox, sources }) => {
    // Nothing may be removed from the store meanwhile.
    await using _lock = await shareStore(emit, { signal });
    const looking = { options: { store, toolbox }, sources, rebuilt: new Set<string>() };
    const steps = closure(
      graph,
      wanted.filter((id) => graph.steps.has(id)),
    );
    const { outputs } = await surveySteps(looking, steps, signal);
    const results = [...outputs.values()].flatMap(({ isHere, result }) => (isHere ? [result] : []));
    for (const to of places) await exportOutputs(store, to, { results, signer, input, context });
  };
}
