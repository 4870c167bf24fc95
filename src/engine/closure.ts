import { HadronError } from "../base/mod.ts";
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
    hint: "`hadron list` names the components, `hadron graph` the steps",
  });
}

/** A step and all that take input from it, directly or not. The steps must be in topological order. */
export function withDependants(steps: ReadonlyMap<string, Step>, id: string): Step[] {
  const found = new Set([id]);
  return [...steps.values()].filter((step) => {
    const isFound = step.id === id || step.inputs.some((input) => input.kind === "step" && found.has(input.step));
    if (isFound) found.add(step.id);
    return isFound;
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
