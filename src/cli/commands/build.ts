import { HadronError, programName } from "../../base/mod.ts";
import { formatBytes, formatSeconds, renderTable } from "../../report/mod.ts";
import { defineCommand } from "../command.ts";
import { prepareSigning, signedGraph } from "../module-signing.ts";
import { openShell } from "../open-shell.ts";
import { openProject } from "../project.ts";
import { stepsOf } from "../steps-of.ts";
import { openWorkshop } from "../workshop.ts";

interface Built {
  step: string;
  key: string;
  /** Digest of the output tree. */
  output: string;
  /** Bytes. */
  size: number;
  /** How long it took where it was built. */
  seconds: number;
  path: string;
}

interface Data {
  arch: string;
  steps: Built[];
  /** Exit status of the shell, where one was opened. */
  shell?: number;
}

export const command = defineCommand("build", {
  run: async (input, context): Promise<Data> => {
    const components = await openProject(input.arch, context);
    // Else it is a step of an image, such as cloud:root, or a component that only an image has.
    const project = input.component.every((word) => components.recipes.has(word))
      ? components
      : await openProject(input.arch, context, { images: "all" });
    const wanted = stepsOf(input.component, project, { withTests: input.test === "yes" });
    if (input.shell) {
      const step = project.graph.steps.get(input.component[0] ?? "");
      if (!step || input.component.length !== 1) throw oneForShell();
      const signing = await prepareSigning(project, [step.id], input);
      return { arch: input.arch, steps: [], shell: await openShell(step.id, project, { signing, input, context }) };
    }
    const signing = await prepareSigning(project, wanted, input);
    await using workshop = await openWorkshop(project, input, context);
    await using signed = await signedGraph(project.graph, signing, workshop.options);
    const built = await workshop.build(signed.graph, wanted);
    const steps = wanted.flatMap((id) => {
      const result = built.get(id);
      return result ? [{ ...result, step: id }] : [];
    });
    return { arch: input.arch, steps };
  },
  render: ({ steps, shell }) => {
    if (shell !== undefined) return "";
    return renderTable(
      ["STEP", "SIZE", "TOOK", "OUTPUT"],
      steps
        .filter(({ step }) => !step.endsWith(":test"))
        .map(({ step, size, seconds, path }) => [step, formatBytes(size), formatSeconds(seconds), path]),
    );
  },
  status: ({ shell }) => shell ?? 0,
});

function oneForShell(): HadronError {
  return new HadronError("A shell is opened in the sandbox of one component or step", {
    kind: "usage",
    code: "USAGE_ARGUMENT",
    hint: `${programName()} build zlib --shell, or zlib:test for its test`,
  });
}
