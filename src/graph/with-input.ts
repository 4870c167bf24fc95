import type { Graph, StepInput } from "./step.ts";

/** The graph with one more input of a component's two steps: what builds it, and what tests it. */
export function withInput(graph: Graph, component: string, input: StepInput): Graph {
  const steps = new Map(graph.steps);
  for (const id of [component, `${component}:test`]) {
    const step = steps.get(id);
    if (step) steps.set(id, { ...step, inputs: [...step.inputs, input] });
  }
  return { ...graph, steps };
}
