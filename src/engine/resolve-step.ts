import type { Sha256 } from "../base/mod.ts";
import type { Step } from "../graph/mod.ts";
import type { BuildOptions, SourceProvider } from "./build-options.ts";
import { sourcesOf, stepNamed } from "./closure.ts";
import { findOutput, type KnownOutput, keyOf } from "./known-output.ts";
import { placeInput } from "./place-input.ts";
import { runAndCommit } from "./run-and-commit.ts";
import type { Slots } from "./slots.ts";
import type { StepResult } from "./store/store.ts";
import { recordTiming } from "./timings.ts";

/** What the steps of one build share. */
export interface Build {
  options: BuildOptions;
  /** All that are needed, in topological order. */
  steps: ReadonlyMap<string, Step>;
  /** What was found before anything was run, by key. */
  known: ReadonlyMap<Sha256, KnownOutput>;
  /** Seconds that steps took before. */
  timings: ReadonlyMap<string, number>;
  ranks: ReadonlyMap<string, number>;
  slots: Slots;
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
  const keyBefore = keyFrom(build, step, inputs);
  await fetchSources(build, step);
  const afterFetch = keyBefore === keyFrom(build, step, inputs) ? undefined : await lookUp(build, step, inputs);
  if (afterFetch) return afterFetch;
  const result = await run(build, step, inputs);
  return { result, tree: async () => build.options.store.objectPath(result.output) };
}

/** In the order of the step's inputs; those that are no steps have none. */
type Inputs = readonly (Output | undefined)[];

function keyFrom(build: Build, step: Step, inputs: Inputs): Sha256 {
  const outputs = new Map(
    step.inputs.map((input, index) => [input.kind === "step" ? input.step : "", inputs[index]?.result.output ?? ""]),
  );
  return keyOf(build, step, (id) => outputs.get(id) ?? "");
}

async function lookUp(build: Build, step: Step, inputs: Inputs): Promise<Output | undefined> {
  const { store, emit } = build.options;
  const key = keyFrom(build, step, inputs);
  const known = build.known.get(key) ?? (await findOutput(build, step, key));
  if (!known) return undefined;
  const { result, isHere, isRemembered } = known;
  if (!isRemembered) await store.remember(result);
  emit({ type: "step-end", step: step.id, outcome: isRemembered ? "cached" : "imported", seconds: 0 });
  const path = store.objectPath(result.output);
  if (isHere) return { result, tree: async () => path };
  let tree: Promise<string> | undefined;
  return {
    result,
    tree: () => {
      tree ??= track(build, bring(build, step, inputs, result));
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
  await options.prepare?.();
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
    const key = keyFrom(build, step, inputs);
    const result = await runAndCommit({ step, key, inputs: placed, jobs: slot.jobs, elapsed, signal }, options);
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

function track<T>({ underway }: Build, promise: Promise<T>): Promise<T> {
  underway.add(promise);
  const forget = () => underway.delete(promise);
  promise.then(forget, forget);
  return promise;
}
