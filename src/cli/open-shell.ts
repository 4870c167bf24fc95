import { buildSteps, placeInput, removeTree, runStep } from "../engine/mod.ts";
import type { Step } from "../graph/mod.ts";
import type { Context } from "./command.ts";
import type { Project } from "./project.ts";
import { type BuildInput, openWorkshop } from "./workshop.ts";

/**
 * Builds what a step takes and opens a shell on this terminal in its sandbox, in place of its script. What is made in there is
 * gone afterwards. Other builds may run meanwhile.
 * @returns the shell's exit status
 */
export async function openShell(
  step: Step,
  project: Project,
  options: { input: BuildInput; context: Context },
): Promise<number> {
  const { input, context } = options;
  const { workshop, placed } = await prepare(step, project, input, context);
  const { store, toolbox, signal } = workshop;
  const work = await store.makeWorkFolder(`${step.id}-shell`);
  try {
    context.emit({
      type: "note",
      message: `In the sandbox of ${step.id}: its script is /run/step, its output goes to /out. Leave it with: exit`,
    });
    context.takeTerminal({ keepInterrupt: true });
    return await runStep({ step, inputs: placed, work, toolbox, jobs: 2, shell: true, ...(signal ? { signal } : {}) });
  } finally {
    await removeTree(work);
  }
}

async function prepare(step: Step, project: Project, input: BuildInput, context: Context) {
  await using workshop = await openWorkshop(project, input, context);
  const { options } = workshop;
  const steps = step.inputs.flatMap((it) => (it.kind === "step" ? [it.step] : []));
  const built = await buildSteps(project.graph, steps, options);
  const placed = await Promise.all(
    step.inputs.map((it) => placeInput(it, options.sources, it.kind === "step" ? built.get(it.step)?.path : undefined)),
  );
  return { workshop: options, placed };
}
