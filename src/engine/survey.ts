import type { Sha256 } from "../base/mod.ts";
import type { Step } from "../graph/mod.ts";
import { findOutput, type KnownOutput, keyOf, type Looking } from "./known-output.ts";

/** What can be said of a build before anything is run. */
export interface Survey {
  /** By key. */
  known: Map<Sha256, KnownOutput>;
  /** The same by the step's id, in the graph's order. */
  outputs: Map<string, KnownOutput>;
  /** Steps that are known, but whose trees are not here. */
  elsewhere: Step[];
  /** Steps that certainly have to run, in the graph's order. */
  toRun: Step[];
  /** Steps that come after those: their keys can't be known yet, and so not whether they have to run. */
  perhaps: Step[];
}

/**
 * Computes the keys of steps as far as they can be known, and looks for their outputs. Nothing is run or brought here.
 * @param steps In topological order
 */
export async function surveySteps(
  looking: Looking,
  steps: ReadonlyMap<string, Step>,
  signal: AbortSignal,
): Promise<Survey> {
  const survey: Survey = { known: new Map(), outputs: new Map(), elsewhere: [], toRun: [], perhaps: [] };
  const { outputs } = survey;
  for (const step of steps.values()) {
    signal.throwIfAborted();
    if (step.inputs.some((input) => input.kind === "step" && !outputs.has(input.step))) {
      survey.perhaps.push(step);
      continue;
    }
    const key = keyOf(looking, step, (id) => outputs.get(id)?.result.output ?? "");
    const known = await findOutput(looking, step, key);
    if (known === undefined) {
      survey.toRun.push(step);
      continue;
    }
    if (!known.isHere) survey.elsewhere.push(step);
    survey.known.set(key, known);
    outputs.set(step.id, known);
  }
  return survey;
}
