import type { Graph } from "../graph/mod.ts";
import type { BuildOptions, BuiltStep } from "./build-options.ts";
import { closure, rankSteps, stepNamed } from "./closure.ts";
import { fetchAhead } from "./fetch-ahead.ts";
import { type Build, OutputChanged, resolveStep } from "./resolve-step.ts";
import { createSlots, defaultJobs } from "./slots.ts";
import { queueSources } from "./source-queue.ts";
import { surveySteps } from "./survey.ts";
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
  const { emit, store, hold, prepare, offline } = options;
  const abort = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, abort.signal]) : abort.signal;
  const steps = closure(graph, wanted);
  const sources = queueSources(options.sources, signal);
  const look = () => surveySteps({ options, sources, rebuilt }, steps, signal);
  let survey = await look();
  if (hold && (survey.toRun.length > 0 || survey.elsewhere.some(({ id }) => wanted.includes(id)))) {
    await hold();
    // A build that this one waited for may have made, or a clean-up removed, what it takes.
    survey = await look();
  }
  if (survey.toRun.length > 0) await prepare?.();
  const timings = await readTimings(store.root);
  const build: Build = {
    options,
    steps,
    known: survey.known,
    timings,
    ranks: rankSteps(steps, timings),
    slots: createSlots(options.jobs ?? defaultJobs()),
    sources,
    signal,
    rebuilt,
    outputs: new Map(),
    underway: new Set(),
  };
  const expected = Object.fromEntries([...timings].filter(([id]) => steps.has(id)));
  emit({ type: "plan", total: steps.size, expected });
  const inOrder = [...steps.keys()].filter((id) => wanted.includes(id));
  try {
    const fetching = fetchAhead(survey, { sources, emit, signal });
    if (offline) await fetching;
    // With a network the step that needs a source waits for it alone, and fails if it can't be had.
    else fetching.catch(() => {});
    const built = inOrder.map(async (id): Promise<[string, BuiltStep]> => {
      const output = await resolveStep(build, stepNamed(steps, id));
      return [id, { ...output.result, path: await output.tree() }];
    });
    return new Map(await Promise.all(built));
  } catch (error) {
    abort.abort();
    while (build.underway.size > 0) await Promise.allSettled(build.underway);
    throw error;
  } finally {
    // What was fetched ahead and turned out not to be needed is not begun any more.
    abort.abort();
  }
}
