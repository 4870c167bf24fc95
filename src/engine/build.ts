import { availableParallelism } from "node:os";
import { join } from "node:path";
import { type Emit, HadronError, type Sha256 } from "../base/mod.ts";
import { type Graph, type Step, sourceDateEpoch } from "../graph/mod.ts";
import { stepKey } from "./key.ts";
import { tailOf } from "./log-tail.ts";
import { type PlacedInput, runStep } from "./sandbox/step-run.ts";
import { createSlots } from "./slots.ts";
import { removeTree, type StepResult, type Store } from "./store/store.ts";
import { readTimings, recordTiming } from "./timings.ts";

/** Where source files come from; see `sources/`. */
export interface SourceProvider {
  /** Digest of the bytes that would be used now, without fetching anything. */
  choose(name: string): Sha256;
  /** Fetches if need be. Which candidate is used may differ from what `choose` said before. */
  ensure(name: string): Promise<{ path: string; sha256: Sha256 }>;
}

export interface BuildOptions {
  store: Store;
  /** Unpacked sets and the digest of the one that steps run in. */
  toolbox: { digest: Sha256; root: string; bubblewrap: string };
  sources: SourceProvider;
  emit: Emit;
  /** Steps at once; by default what suits the cores. */
  slots?: number;
  signal?: AbortSignal;
  /** Looks for a step's output elsewhere (a cache), checks it and puts it into the store. */
  importResult?: (key: Sha256, step: Step) => Promise<StepResult | undefined>;
  /** Steps to run again although the store has them. */
  rebuild?: (step: Step) => boolean;
}

export interface BuiltStep extends StepResult {
  /** The output tree on this machine; read-only by agreement. */
  path: string;
}

/**
 * Builds the wanted steps and all that they need, as far as the store does not have them.
 * @throws HadronError `STEP_FAILED`, `STEP_EMPTY`, and what sources and store throw. The first failure ends the others.
 */
export async function buildSteps(
  graph: Graph,
  wanted: readonly string[],
  options: BuildOptions,
): Promise<Map<string, BuiltStep>> {
  const abort = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, abort.signal]) : abort.signal;
  const needed = closure(graph, wanted);
  const timings = await readTimings(options.store.root);
  const ranks = rankSteps(needed, timings);
  const slots = createSlots(options.slots ?? slotsFor(availableParallelism()));
  const running = new Map<string, Promise<BuiltStep>>();
  const sources = memoize(options.sources);
  let isFetchingAhead = false;

  const start = (step: Step): Promise<BuiltStep> => {
    const known = running.get(step.id);
    if (known) return known;
    const promise = build(step);
    running.set(step.id, promise);
    return promise;
  };

  const build = async (step: Step): Promise<BuiltStep> => {
    const inputs = await Promise.all(
      step.inputs.map((input) => (input.kind === "step" ? start(stepOf(graph, input.step)) : undefined)),
    );
    signal.throwIfAborted();
    const finish = (result: StepResult, outcome: "cached" | "imported" | "built", seconds: number): BuiltStep => {
      options.emit({ type: "step-end", step: step.id, outcome, seconds });
      return { ...result, path: options.store.objectPath(result.output) };
    };
    const digests = () =>
      step.inputs.map((input, index) => ({
        mount: input.mount,
        digest:
          input.kind === "step"
            ? (inputs[index]?.output ?? "")
            : input.kind === "source"
              ? sources.choose(input.source)
              : input.digest,
      }));
    const lookUp = async (): Promise<BuiltStep | undefined> => {
      if (options.rebuild?.(step)) return undefined;
      const found = await options.store.find(stepKey(step, options.toolbox.digest, digests()));
      return found && finish(found, "cached", 0);
    };
    const cached = await lookUp();
    if (cached) return cached;

    const imported = options.rebuild?.(step)
      ? undefined
      : await options.importResult?.(stepKey(step, options.toolbox.digest, digests()), step);
    if (imported) return finish(imported, "imported", 0);

    if (!isFetchingAhead) {
      isFetchingAhead = true;
      for (const other of needed.values()) for (const name of sourcesOf(other)) sources.ensure(name).catch(() => {});
    }
    for (const name of sourcesOf(step)) await sources.ensure(name);
    const afterFetch = await lookUp();
    if (afterFetch) return afterFetch;

    await using slot = await slots.take(ranks.get(step.id) ?? 0);
    signal.throwIfAborted();
    const key = stepKey(step, options.toolbox.digest, digests());
    const placed = await Promise.all(
      step.inputs.map(async (input, index): Promise<PlacedInput> => {
        if (input.kind === "step")
          return { name: input.step, host: inputs[index]?.path ?? "", mount: input.mount, isTree: true };
        if (input.kind === "files") return { name: "files", host: input.directory, mount: input.mount, isTree: true };
        return {
          name: input.source,
          host: (await sources.ensure(input.source)).path,
          mount: input.mount,
          isTree: false,
        };
      }),
    );
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
      const result = await execute(step, placed, key, elapsed, slot.jobs());
      await recordTiming(options.store.root, step.id, result.seconds);
      return finish(result, "built", result.seconds);
    } catch (error) {
      options.emit({ type: "step-end", step: step.id, outcome: "failed", seconds: elapsed() });
      throw error;
    }
  };

  const execute = async (
    step: Step,
    inputs: PlacedInput[],
    key: Sha256,
    elapsed: () => number,
    jobs: number,
  ): Promise<StepResult> => {
    const { store } = options;
    const work = await store.makeWorkFolder(step.id);
    const logFile = join(store.root, "logs", `${step.id.replaceAll(/[^\w.-]/g, "-")}.${key.slice(0, 12)}.log`);
    try {
      const status = await runStep({
        step,
        inputs,
        work,
        toolbox: options.toolbox,
        jobs,
        logFile,
        signal,
      });
      signal.throwIfAborted();
      if (status !== 0) throw await stepFailed(step, status, logFile);
      const result = await store.commit({ key, step: step.id, seconds: elapsed() }, join(work, "out"), sourceDateEpoch);
      if (result.size === 0 && !step.id.endsWith(":test"))
        throw new HadronError(`Step "${step.id}" left nothing in /out`, {
          kind: "step",
          code: "STEP_EMPTY",
          at: step.at,
          hint: `See ${logFile}`,
        });
      return result;
    } finally {
      await removeTree(work);
    }
  };

  try {
    const all = await Promise.all([...needed.values()].map(start));
    return new Map(all.map((built, index) => [[...needed.keys()][index] ?? built.step, built]));
  } catch (error) {
    abort.abort();
    await Promise.allSettled(running.values());
    throw error;
  }
}

async function stepFailed(step: Step, status: number, logFile: string): Promise<HadronError> {
  const detail = await tailOf(logFile, 30);
  return new HadronError(`Step "${step.id}" failed with exit status ${status}`, {
    kind: "step",
    code: "STEP_FAILED",
    at: step.at,
    detail,
    hint: `Whole log: ${logFile}. Enter its sandbox: hadron build ${step.id} --shell`,
  });
}

/** The wanted steps and all that they take input from, in the graph's order. */
export function closure(graph: Graph, wanted: readonly string[]): Map<string, Step> {
  const found = new Set<string>();
  const add = (id: string): void => {
    if (found.has(id)) return;
    found.add(id);
    for (const input of stepOf(graph, id).inputs) if (input.kind === "step") add(input.step);
  };
  for (const id of wanted) add(id);
  return new Map([...graph.steps].filter(([id]) => found.has(id)));
}

function stepOf(graph: Graph, id: string): Step {
  const step = graph.steps.get(id);
  if (step) return step;
  throw new HadronError(`There is no step "${id}"`, {
    kind: "usage",
    code: "STEP_UNKNOWN",
    hint: "`hadron list` names the components, `hadron graph` the steps",
  });
}

function sourcesOf(step: Step): string[] {
  return step.inputs.flatMap((input) => (input.kind === "source" ? [input.source] : []));
}

/** Seconds from the start of a step to the end of the longest chain that waits for it. */
function rankSteps(steps: ReadonlyMap<string, Step>, timings: ReadonlyMap<string, number>): Map<string, number> {
  const ranks = new Map<string, number>();
  for (const step of [...steps.values()].reverse()) {
    const own = (timings.get(step.id) ?? 20) + (ranks.get(step.id) ?? 0);
    ranks.set(step.id, own);
    for (const input of step.inputs)
      if (input.kind === "step") ranks.set(input.step, Math.max(ranks.get(input.step) ?? 0, own));
  }
  return ranks;
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
