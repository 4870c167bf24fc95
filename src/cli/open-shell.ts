import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { type BuildOptions, type PlacedInput, placeInput, removeTree, runStep, shareStore } from "../engine/mod.ts";
import type { Step } from "../graph/mod.ts";
import type { Context } from "./command.ts";
import { type Signing, signedGraph } from "./module-signing.ts";
import type { Project } from "./project.ts";
import { type BuildInput, openWorkshop } from "./workshop.ts";

interface ShellOptions {
  /** Where what the step takes has to be signed. */
  signing: Signing | undefined;
  input: BuildInput;
  context: Context;
}

/**
 * Builds what a step takes and opens a shell on this terminal in its sandbox, in place of its script. What is made in there is
 * gone afterwards. Other builds may run meanwhile, but nothing is removed from the store.
 * @returns the shell's exit status
 */
export async function openShell(id: string, project: Project, options: ShellOptions): Promise<number> {
  const { input, context } = options;
  await using prepared = await prepare(id, project, options);
  const { step, inputs } = prepared;
  const { store, toolbox, signal } = prepared.options;
  // As many as a step has that runs alone.
  const jobs = input.jobs ?? availableParallelism();
  const work = await store.makeWorkFolder(`${step.id}-shell`);
  try {
    context.emit({
      type: "note",
      message: `In the sandbox of ${step.id}: its script is /run/step, its output goes to /out. Leave it with: exit`,
    });
    context.takeTerminal({ keepInterrupt: true });
    return await runStep({ step, inputs, work, toolbox, jobs, shell: true, ...(signal ? { signal } : {}) });
  } finally {
    await removeTree(work);
  }
}

interface Prepared extends AsyncDisposable {
  step: Step;
  options: BuildOptions;
  inputs: PlacedInput[];
}

/** What the step takes, in the store, where it and the signatures stay until this is disposed of. */
async function prepare(id: string, project: Project, { signing, input, context }: ShellOptions): Promise<Prepared> {
  let toSign = signing;
  for (;;) {
    await using workshop = await openWorkshop(project, input, context);
    const { options } = workshop;
    await options.prepare();
    await using held = new AsyncDisposableStack();
    const { graph } = held.use(await signedGraph(project.graph, toSign, options));
    // Another round must not find its own folder in the way.
    toSign = toSign && { ...toSign, saveTo: undefined };
    const step = graph.steps.get(id);
    if (!step) throw new Error(`There is no step "${id}"`);
    const steps = step.inputs.flatMap((it) => (it.kind === "step" ? [it.step] : []));
    const built = await workshop.build(graph, steps);
    const inputs = await Promise.all(
      step.inputs.map((it) =>
        placeInput(it, options.sources, it.kind === "step" ? built.get(it.step)?.path : undefined),
      ),
    );
    // Before the build's lock is given back: a clean-up may be waiting for it.
    held.use(await shareStore(context.emit, { signal: context.signal }));
    // A build that found everything had no lock, and a clean-up may just have been at it.
    if (!inputs.every((placed) => !("host" in placed) || existsSync(placed.host))) continue;
    const kept = held.move();
    return { options, step, inputs, [Symbol.asyncDispose]: () => kept.disposeAsync() };
  }
}
