import { resolve } from "node:path";
import { HadronError, type Sha256 } from "../../base/mod.ts";
import { closure, lowerToDockerfile, toolboxSetDigest, type WrittenContext } from "../../engine/mod.ts";
import { renderTable } from "../../report/mod.ts";
import { defineCommand } from "../command.ts";
import { assertContextPlace, writeContext } from "../docker-context.ts";
import { findBuilt, openProject, sourceOptions, sourceProvider } from "../project.ts";
import { stepsOf } from "../steps-of.ts";

interface Node {
  id: string;
  at: string;
  /** Steps whose output it takes. */
  steps: string[];
  /** Names in the source lock. */
  sources: string[];
}

type Data =
  | { arch: string; steps: Node[] }
  | { arch: string; dockerfile: string }
  | ({ arch: string; context: string } & WrittenContext);

export const command = defineCommand("graph", {
  run: async (input, context): Promise<Data> => {
    const { component, arch, as, json, output, fromStore } = input;
    if (as === "dot" && json)
      throw twoOptions("Options --as dot and --json ask for two formats", "Leave one of them out");
    if (as !== "dockerfile" && (output !== undefined || fromStore))
      throw twoOptions("Only a Dockerfile has a context: --output and --from-store are for it", "Add --as dockerfile");
    // Before what may take long.
    if (output !== undefined) await assertContextPlace(output);
    // Without a word of what is wanted Docker builds what `hadron build` does: components, and no image.
    const isBuild = as === "dockerfile" && component.length === 0;
    const project = await openProject(arch, context, { images: isBuild ? [] : "all" });
    const { graph } = project;
    const wanted =
      component.length === 0 && !isBuild ? [...graph.steps.keys()] : stepsOf(component, project, { withTests: true });
    const steps = closure(graph, wanted);
    if (as === "dockerfile") {
      const found = fromStore ? (await findBuilt(project, wanted, context, input)).built : new Map();
      const known = new Map<string, Sha256>([...found].map(([id, result]) => [id, result.output]));
      if (output !== undefined)
        return {
          arch,
          context: resolve(output),
          ...(await writeContext(steps, { wanted, known, output }, project, input, context)),
        };
      const sources = sourceProvider(sourceOptions(input, project.lock, context));
      const toolbox = { digest: await toolboxSetDigest("build") };
      const choose = (name: string) => sources.choose(name);
      return { arch, dockerfile: lowerToDockerfile(steps, { wanted, known, choose, toolbox }) };
    }
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
    if ("dockerfile" in data) return data.dockerfile;
    if ("context" in data)
      return `Written to ${data.context}: ${data.run.length} steps to run, ${data.known.length} outputs from the store\n`;
    if (as === "json") return `${JSON.stringify(data, undefined, 2)}\n`;
    return as === "dot" ? renderDot(data.steps) : renderText(data.steps);
  },
});

function twoOptions(message: string, hint: string): HadronError {
  return new HadronError(message, { kind: "usage", code: "USAGE_OPTION", hint });
}

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
