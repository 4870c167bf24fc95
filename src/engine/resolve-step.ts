import type { Sha256 } from "../base/mod.ts";
import type { Step } from "../graph/mod.ts";
import type { BuildOptions, SourceProvider } from "./build-options.ts";
import { sourcesOf, stepNamed, withDependants } from "./closure.ts";
import { stepKey } from "./key.ts";
import { placeInput } from "./place-input.ts";
import { runAndCommit } from "./run-and-commit.ts";
import type { createSlots } from "./slots.ts";
import type { StepResult } from "./store/store.ts";
import { recordTiming } from "./timings.ts";

/** What the steps of one build share. */
export interface Build {
  options: BuildOptions;
  /** All that are needed, in topological order. */
  steps: ReadonlyMap<string, Step>;
  /** Seconds that steps took before. */
  timings: ReadonlyMap<string, number>;
  ranks: ReadonlyMap<string, number>;
  slots: ReturnType<typeof createSlots>;
  sources: SourceProvider;
  signal: AbortSignal;
  /** Steps that were to be run again and have been. */
  rebuilt: Set<string>;
  outputs: Map<string, Promise<Output>>;
  /** All that has to end before the build does. */
  underway: Set<Promise<unknown>>;
}

/** The output of a step: its digest is known, its tree is brought here when somebody asks for it. */
export interface Output {
  result: StepResult;
  /** Path of the tree. @throws OutputChanged */
  tree(): Promise<string>;
}

/** A step had to be run although its output was known, and came out differently. */
export class OutputChanged extends Error {
  constructor(step: string) {
    super(`Step "${step}" came out otherwise than was known of it`);
    this.name = "OutputChanged";
  }
}

/** The output of a step, from the store, from a cache, or by running it. */
export function resolveStep(build: Build, step: Step): Promise<Output> {
  const output = build.outputs.get(step.id) ?? track(build, resolve(build, step));
  build.outputs.set(step.id, output);
  return output;
}

async function resolve(build: Build, step: Step): Promise<Output> {
  const inputs = await Promise.all(
    step.inputs.map((input) =>
      input.kind === "step" ? resolveStep(build, stepNamed(build.steps, input.step)) : undefined,
    ),
  );
  build.signal.throwIfAborted();
  const known = await lookUp(build, step, inputs);
  if (known) return known;
  fetchAhead(build, step);
  const keyBefore = keyOf(build, step, inputs);
  await fetchSources(build, step);
  const afterFetch = keyBefore === keyOf(build, step, inputs) ? undefined : await lookUp(build, step, inputs);
  if (afterFetch) return afterFetch;
  const result = await run(build, step, inputs);
  return { result, tree: async () => build.options.store.objectPath(result.output) };
}

type Inputs = readonly (Output | undefined)[];

function keyOf({ options, sources }: Build, step: Step, inputs: Inputs): Sha256 {
  const digests = step.inputs.map((input, index) => ({
    mount: input.mount,
    digest:
      input.kind === "step"
        ? (inputs[index]?.result.output ?? "")
        : input.kind === "source"
          ? sources.choose(input.source)
          : input.digest,
  }));
  return stepKey(step, options.toolbox.digest, digests);
}

async function lookUp(build: Build, step: Step, inputs: Inputs): Promise<Output | undefined> {
  const { store, caches, emit, rebuild } = build.options;
  if (rebuild?.(step) && !build.rebuilt.has(step.id)) return undefined;
  const key = keyOf(build, step, inputs);
  const here = await store.find(key);
  const remembered = here ?? (await store.recall(key));
  const known = remembered ?? (await caches?.look(key, step));
  if (!known) return undefined;
  if (!remembered) await store.remember(known);
  emit({ type: "step-end", step: step.id, outcome: remembered ? "cached" : "imported", seconds: 0 });
  const path = store.objectPath(known.output);
  if (here) return { result: known, tree: async () => path };
  let tree: Promise<string> | undefined;
  return {
    result: known,
    tree: () => {
      tree ??= track(build, bring(build, step, inputs, known));
      return tree;
    },
  };
}

/** Brings a tree here whose digest is known: from a cache or, where none has it whole, by running the step. */
async function bring(build: Build, step: Step, inputs: Inputs, known: StepResult): Promise<string> {
  const { store, caches } = build.options;
  build.signal.throwIfAborted();
  if (!(await caches?.take(known, step))) {
    await fetchSources(build, step);
    const built = await run(build, step, inputs);
    if (built.output !== known.output) throw new OutputChanged(step.id);
  }
  return store.objectPath(known.output);
}

async function run(build: Build, step: Step, inputs: Inputs): Promise<StepResult> {
  const { options, signal, timings } = build;
  // Before a slot is taken: an input may have to be run, and would wait for one.
  const placed = await Promise.all(
    step.inputs.map(async (input, index) => placeInput(input, options.sources, await inputs[index]?.tree())),
  );
  await using slot = await build.slots.take(build.ranks.get(step.id) ?? 0);
  signal.throwIfAborted();
  const expected = timings.get(step.id);
  options.emit({
    type: "step-start",
    step: step.id,
    at: step.at,
    ...(expected === undefined ? {} : { expectedSeconds: expected }),
  });
  const began = performance.now();
  const elapsed = () => Math.round((performance.now() - began) / 10) / 100;
  try {
    const key = keyOf(build, step, inputs);
    const result = await runAndCommit({ step, key, inputs: placed, jobs: slot.jobs(), elapsed, signal }, options);
    build.rebuilt.add(step.id);
    await recordTiming(options.store.root, step.id, result.seconds);
    options.emit({ type: "step-end", step: step.id, outcome: "built", seconds: result.seconds });
    return result;
  } catch (error) {
    options.emit({ type: "step-end", step: step.id, outcome: "failed", seconds: elapsed() });
    throw error;
  }
}

async function fetchSources({ sources }: Build, step: Step): Promise<void> {
  await Promise.all(sourcesOf(step).map((name) => sources.ensure(name)));
}

/** Starts on the sources of a step that has to run, and of those that will probably have to after it. */
function fetchAhead({ steps, sources }: Build, step: Step): void {
  // Who needs the source hears of a failure, not this.
  for (const later of withDependants(steps, step.id))
    for (const name of sourcesOf(later)) sources.ensure(name).catch(() => {});
}

function track<T>({ underway }: Build, promise: Promise<T>): Promise<T> {
  underway.add(promise);
  const forget = () => underway.delete(promise);
  promise.then(forget, forget);
  return promise;
}
