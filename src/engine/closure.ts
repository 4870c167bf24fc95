import { HadronError, programName } from "../base/mod.ts";
import type { Graph, Step } from "../graph/mod.ts";

/** The wanted steps and all that they take input from, in the graph's order. */
export function closure(graph: Graph, wanted: readonly string[]): Map<string, Step> {
  const found = new Set<string>();
  const add = (id: string): void => {
    if (found.has(id)) return;
    found.add(id);
    for (const input of stepNamed(graph.steps, id).inputs) if (input.kind === "step") add(input.step);
  };
  for (const id of wanted) add(id);
  return new Map([...graph.steps].filter(([id]) => found.has(id)));
}

/** @throws HadronError `STEP_UNKNOWN` */
export function stepNamed(steps: ReadonlyMap<string, Step>, id: string): Step {
  const step = steps.get(id);
  if (step) return step;
  throw new HadronError(`There is no step "${id}"`, {
    kind: "usage",
    code: "STEP_UNKNOWN",
    hint: `${programName()} list names the components, ${programName()} graph the steps`,
  });
}

export function sourcesOf(step: Step): string[] {
  return step.inputs.flatMap((input) => (input.kind === "source" ? [input.source] : []));
}

/** Of a step that never ran here. */
const guessedSeconds = 20;

/** Seconds from the start of a step to the end of the longest chain that waits for it. */
export function rankSteps(steps: ReadonlyMap<string, Step>, timings: ReadonlyMap<string, number>): Map<string, number> {
  const ranks = new Map<string, number>();
  for (const step of [...steps.values()].reverse()) {
    const own = (timings.get(step.id) ?? guessedSeconds) + (ranks.get(step.id) ?? 0);
    ranks.set(step.id, own);
    for (const input of step.inputs)
      if (input.kind === "step") ranks.set(input.step, Math.max(ranks.get(input.step) ?? 0, own));
  }
  return ranks;
}
