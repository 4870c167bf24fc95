import { canonicalJson, type Sha256, sha256 } from "../base/mod.ts";
import type { Step } from "../graph/mod.ts";

/** Raised when the meaning of a step changes without its text: the sandbox, the normalisation of outputs. */
const keyFormat = 1;

/**
 * The key of a step: its script, environment, toolbox, and the *contents* of its inputs in order. A rebuilt input that
 * comes out the same changes nothing here (early cut-off). The step's name and place are not part of it.
 * @param inputs Digest of each input and where it is mounted, in the step's order.
 */
export function stepKey(step: Step, toolbox: Sha256, inputs: readonly { mount: string; digest: Sha256 }[]): Sha256 {
  return sha256(canonicalJson({ format: keyFormat, script: step.script, env: step.env, toolbox, inputs }));
}
