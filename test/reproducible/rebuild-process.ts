/**
 * Runs steps of this checkout once more, in the {@link surroundings}. Reads a {@link Task} as its one argument, writes events and
 * the {@link Outcome} as lines of JSON.
 */
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { projectRoot } from "../../src/base/mod.ts";
import { openProject, type Project, sourceOptions, sourceProvider } from "../../src/cli/project.ts";
import {
  type BuildOptions,
  type BuiltStep,
  buildSteps,
  lookAtStore,
  openBuildLock,
  openStore,
  removeTree,
} from "../../src/engine/mod.ts";
import { readTimings } from "../../src/engine/timings.ts";
import type { DigestedArtifact } from "../../src/image/mod.ts";
import { type ErrorReport, reportError } from "../../src/report/mod.ts";
import { signedByTestKey, type TestModuleKey } from "../module-key.ts";
import { plainInput, scriptedContext } from "../scripted-context.ts";
import { artifactsOf } from "./artifacts-of.ts";
import { aroundElsewhere, cpuList } from "./elsewhere.ts";
import { storeBeside } from "./store-beside.ts";
import { type Facts, surroundings } from "./surroundings.ts";
import { openWhole } from "./whole.ts";

export interface Task {
  /** Where outputs go. For `alone` on the file system of `first`. */
  root: string;
  /** The cache of the first build: sources, and for `alone` the outputs that the steps take. Nothing is added to it. */
  first: string;
  /** As `toolboxElsewhere` gave it. */
  toolbox: BuildOptions["toolbox"];
  steps: string[];
  /**
   * `alone`: each step on inputs of the first build, so what differs is its own doing. `from nothing`: on inputs that were made here as well,
   * as far as `root` doesn't have them from a run before.
   */
  how: "alone" | "from nothing";
  /** What modules of kernels are signed by, for `from nothing`. */
  moduleKey?: TestModuleKey;
  /** Where artifacts are written whose steps are all there. */
  artifacts?: string;
}

export interface Outcome {
  type: "outcome";
  facts: Facts;
  /** What came out, by step. */
  built: Record<string, Pick<BuiltStep, "output" | "path">>;
  /** By name. */
  artifacts: Record<string, DigestedArtifact>;
  error?: ErrorReport;
}

const task = JSON.parse(process.argv[2] ?? "{}") as Task;
const say = (line: object): boolean => process.stdout.write(`${JSON.stringify(line)}\n`);

function facts(): Facts {
  const { TZ: timeZone, LC_ALL: locale } = process.env;
  return {
    user: process.getuid?.(),
    hostName: hostname(),
    umask: process.umask(),
    timeZone,
    locale,
    checkout: projectRoot,
  };
}

async function rebuild(): Promise<Pick<Outcome, "built" | "artifacts">> {
  const context = scriptedContext(say, { cacheRoot: task.first });
  const own = await openStore(task.root);
  const scratch = await own.makeWorkFolder("rebuild");
  try {
    const project = task.how === "alone" ? await openProject("x86_64", context) : await openWhole(context, scratch);
    await using buildLock = openBuildLock(say);
    const options: BuildOptions = {
      store: task.how === "alone" ? storeBeside(own, lookAtStore(task.first)) : own,
      toolbox: task.toolbox,
      sources: sourceProvider(sourceOptions({ ...plainInput(), offline: true }, project.lock, context)),
      emit: say,
      offline: true,
      hold: buildLock.hold,
      around: aroundElsewhere(await readTimings(task.first), cpuList(readFileSync("/proc/self/status", "utf8"))),
    };
    const built = task.how === "alone" ? await eachAlone(project, options) : await fromNothing(project, options);
    const artifacts = task.artifacts === undefined ? [] : await artifactsOf(project.images, built, task.artifacts);
    const outputs = [...built].map(([id, { output, path }]) => [id, { output, path }]);
    return { built: Object.fromEntries(outputs), artifacts: Object.fromEntries(artifacts) };
  } finally {
    await removeTree(scratch);
  }
}

async function fromNothing(project: Project, options: BuildOptions): Promise<Map<string, BuiltStep>> {
  if (!task.moduleKey) return buildSteps(project.graph, task.steps, options);
  await using signed = await signedByTestKey(project, task.steps, task.moduleKey, options);
  return await buildSteps(signed.graph, task.steps, options);
}

async function eachAlone({ graph }: Project, options: BuildOptions): Promise<Map<string, BuiltStep>> {
  const runs = task.steps.map((id) => buildSteps(graph, [id], { ...options, rebuild: (step) => step.id === id }));
  // All of them end before the lock is given back.
  const ended = await Promise.allSettled(runs);
  const failure = ended.find((one) => one.status === "rejected");
  if (failure) throw failure.reason;
  return new Map(ended.flatMap((one) => (one.status === "fulfilled" ? [...one.value] : [])));
}

process.umask(surroundings.umask);
const outcome: Outcome = { type: "outcome", facts: facts(), built: {}, artifacts: {} };
try {
  Object.assign(outcome, await rebuild());
} catch (error) {
  outcome.error = reportError(error);
}
say(outcome);
