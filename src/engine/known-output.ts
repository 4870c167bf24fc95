import type { Sha256 } from "../base/mod.ts";
import type { Step } from "../graph/mod.ts";
import type { BuildOptions, SourceProvider } from "./build-options.ts";
import { inputDigest } from "./input-digest.ts";
import { stepKey } from "./key.ts";
import type { StepResult, StoreView } from "./store/store.ts";

/** What there is to look in. */
export interface Looking {
  options: Pick<BuildOptions, "caches" | "rebuild"> & { store: StoreView; toolbox: { digest: Sha256 } };
  sources: Pick<SourceProvider, "choose">;
  /** Steps that were to be run again and have been. */
  rebuilt: ReadonlySet<string>;
}

/** An output that need not be made. */
export interface KnownOutput {
  result: StepResult;
  /** Whether its tree is in the store: of some only the digest is known. */
  isHere: boolean;
  /** Whether the store knew of it, and not only a cache. */
  isRemembered: boolean;
}

/**
 * The key that a step has by what its inputs are now.
 * @param outputOf The digest of an input's output, by the step's id
 */
export function keyOf(
  { options, sources }: { options: Pick<Looking["options"], "toolbox">; sources: Looking["sources"] },
  step: Step,
  outputOf: (step: string) => Sha256,
): Sha256 {
  const digests = step.inputs.map((input) => ({
    mount: input.mount,
    digest: inputDigest(input, { outputOf, choose: (source) => sources.choose(source) }),
  }));
  return stepKey(step, options.toolbox.digest, digests);
}

/** Looks in the store, then in the caches; `undefined` for a step that has to run. */
export async function findOutput(
  { options, rebuilt }: Looking,
  step: Step,
  key: Sha256,
): Promise<KnownOutput | undefined> {
  const { store, caches, rebuild } = options;
  if (rebuild?.(step) && !rebuilt.has(step.id)) return undefined;
  const here = await store.find(key);
  const remembered = here ?? (await store.recall(key));
  const result = remembered ?? (await caches?.look(key, step));
  return result && { result, isHere: here !== undefined, isRemembered: remembered !== undefined };
}
