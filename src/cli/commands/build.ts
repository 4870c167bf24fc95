import { buildSteps } from "../../engine/mod.ts";
import { formatBytes, formatSeconds, renderTable } from "../../report/mod.ts";
import { defineCommand } from "../command.ts";
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

export const command = defineCommand("build", {
  run: async (input, context): Promise<{ arch: string; steps: Built[] }> => {
    const project = await openProject(input.arch, context);
    const wanted = stepsOf(input.component, project, { withTests: input.test === "yes" });
    await using workshop = await openWorkshop(project, input, context);
    const built = await buildSteps(project.graph, wanted, workshop.options);
    const steps = wanted.flatMap((id) => {
      const result = built.get(id);
      return result ? [{ ...result, step: id }] : [];
    });
    return { arch: input.arch, steps };
  },
  render: ({ steps }) =>
    renderTable(
      ["STEP", "SIZE", "TOOK", "OUTPUT"],
      steps
        .filter(({ step }) => !step.endsWith(":test"))
        .map(({ step, size, seconds, path }) => [step, formatBytes(size), formatSeconds(seconds), path]),
    ),
});
