import { availableParallelism } from "node:os";
import type { Graph } from "../graph/mod.ts";
import type { BuildOptions, BuiltStep, SourceProvider } from "./build-options.ts";
import { closure, rankSteps, stepNamed } from "./closure.ts";
import { type Build, OutputChanged, resolveStep } from "./resolve-step.ts";
import { createSlots } from "./slots.ts";
import { readTimings } from "./timings.ts";

/**
 * Builds the wanted steps, and of what they need as much as it takes: of a step whose output is known from an earlier build
 * or a cache, but only to compute the keys of others, not even the tree must be here.
 * @returns the wanted steps, in the graph's order.
 * @throws HadronError `STEP_FAILED`, `STEP_EMPTY`, and what sources and store throw. The first failure ends the others.
 */
export async function buildSteps(
  graph: Graph,
  wanted: readonly string[],
  options: BuildOptions,
): Promise<Map<string, BuiltStep>> {
  const rebuilt = new Set<string>();
  for (;;) {
    try {
      return await attempt(graph, wanted, options, rebuilt);
    } catch (error) {
      // The right output is in the store now, so that the next attempt gets further.
      if (!(error instanceof OutputChanged)) throw error;
      options.emit({ type: "note", message: `${error.message}; what depends on it is looked at again` });
    }
  }
}

async function attempt(
  graph: Graph,
  wanted: readonly string[],
  options: BuildOptions,
  rebuilt: Set<string>,
): Promise<Map<string, BuiltStep>> {
  const abort = new AbortController();
  const steps = closure(graph, wanted);
  const timings = await readTimings(options.store.root);
  const build: Build = {
    options,
    steps,
    timings,
    ranks: rankSteps(steps, timings),
    slots: createSlots(options.slots ?? slotsFor(availableParallelism())),
    sources: memoize(options.sources),
    signal: options.signal ? AbortSignal.any([options.signal, abort.signal]) : abort.signal,
    rebuilt,
    outputs: new Map(),
    underway: new Set(),
  };
  const expected = Object.fromEntries([...timings].filter(([id]) => steps.has(id)));
  options.emit({ type: "plan", total: steps.size, expected });
  const inOrder = [...steps.keys()].filter((id) => wanted.includes(id));
  try {
    const built = inOrder.map(async (id): Promise<[string, BuiltStep]> => {
      const output = await resolveStep(build, stepNamed(steps, id));
      return [id, { ...output.result, path: await output.tree() }];
    });
    return new Map(await Promise.all(built));
  } catch (error) {
    abort.abort();
    while (build.underway.size > 0) await Promise.allSettled(build.underway);
    throw error;
  }
}

/** Two at least: while one configures, which is serial, another compiles. */
function slotsFor(cores: number): number {
  return Math.min(8, Math.max(2, Math.ceil(cores / 2)));
}

function memoize(sources: SourceProvider): SourceProvider {
  const started = new Map<string, ReturnType<SourceProvider["ensure"]>>();
  return {
    choose: (name) => sources.choose(name),
    ensure: (name) => {
      const promise = started.get(name) ?? sources.ensure(name);
      started.set(name, promise);
      return promise;
    },
  };
}
