import { HadronError } from "../../base/mod.ts";
import { closure } from "../../engine/mod.ts";
import { renderTable } from "../../report/mod.ts";
import { defineCommand } from "../command.ts";
import { openProject } from "../project.ts";
import { stepsOf } from "../steps-of.ts";

interface Node {
  id: string;
  at: string;
  /** Steps whose output it takes. */
  steps: string[];
  /** Names in the source lock. */
  sources: string[];
}

export const command = defineCommand("graph", {
  run: async ({ component, arch, as, json }, context): Promise<{ arch: string; steps: Node[] }> => {
    if (as === "dot" && json)
      throw new HadronError("Options --as dot and --json ask for two formats", {
        kind: "usage",
        code: "USAGE_OPTION",
        hint: "Leave one of them out",
      });
    const project = await openProject(arch, context, { images: "all" });
    const { graph } = project;
    const steps =
      component.length === 0 ? graph.steps : closure(graph, stepsOf(component, project, { withTests: true }));
    return {
      arch,
      steps: [...steps.values()].map(({ id, at, inputs }) => ({
        id,
        at,
        steps: [...new Set(inputs.flatMap((input) => (input.kind === "step" ? [input.step] : [])))],
        sources: inputs.flatMap((input) => (input.kind === "source" ? [input.source] : [])),
      })),
    };
  },
  render: (data, { as }) => {
    if (as === "json") return `${JSON.stringify(data, undefined, 2)}\n`;
    return as === "dot" ? renderDot(data.steps) : renderText(data.steps);
  },
});

function renderText(steps: Node[]): string {
  return renderTable(
    ["STEP", "TAKES"],
    steps.map(({ id, steps, sources }) => [
      id,
      [...sources.map((name) => `source:${name}`), ...steps].join(" ") || "-",
    ]),
  );
}

/** The dot language of Graphviz; tests are drawn dashed. */
function renderDot(steps: Node[]): string {
  const nodes = steps.map(({ id }) => `  "${id}"${id.endsWith(":test") ? " [style=dashed]" : ""};`);
  const edges = steps.flatMap(({ id, steps: inputs }) => inputs.map((input) => `  "${input}" -> "${id}";`));
  return `${["digraph hadron {", "  rankdir=LR;", "  node [shape=box];", ...nodes, ...edges, "}"].join("\n")}\n`;
}
