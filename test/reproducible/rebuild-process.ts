/**
 * Runs steps of this checkout once more, in the {@link surroundings}. Reads a {@link Task} as its one argument, writes events and
 * the {@link Outcome} as lines of JSON.
 */
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { projectRoot } from "../../src/base/mod.ts";
import { openProject, sourceOptions, sourceProvider } from "../../src/cli/project.ts";
import {
  type BuildOptions,
  type BuiltStep,
  buildSteps,
  lookAtStore,
  openBuildLock,
  openStore,
} from "../../src/engine/mod.ts";
import { readTimings } from "../../src/engine/timings.ts";
import { type ErrorReport, reportError } from "../../src/report/mod.ts";
import { aroundElsewhere, cpuList } from "./elsewhere.ts";
import { storeBeside } from "./store-beside.ts";
import { type Facts, surroundings } from "./surroundings.ts";

export interface Task {
  /** Where outputs go; on the file system of `first`. */
  root: string;
  /** The cache of the first build: sources, and the outputs that the steps take. Nothing is added to it. */
  first: string;
  /** As `toolboxElsewhere` gave it. */
  toolbox: BuildOptions["toolbox"];
  /** Each is run alone, on inputs of the first build: so what differs is its own doing. */
  steps: string[];
}

export interface Outcome {
  type: "outcome";
  facts: Facts;
  /** What came out, by step. */
  built: Record<string, Pick<BuiltStep, "output" | "path">>;
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

async function rebuild(): Promise<Outcome["built"]> {
  const context = {
    emit: say,
    signal: new AbortController().signal,
    root: projectRoot,
    cacheRoot: task.first,
    environment: process.env,
    takeTerminal: () => {},
  };
  const origin = { offline: true, requireUpstream: false, mirror: undefined, from: undefined };
  const { graph, lock } = await openProject("x86_64", context);
  await using buildLock = openBuildLock(say);
  const options: BuildOptions = {
    store: storeBeside(await openStore(task.root), lookAtStore(task.first)),
    toolbox: task.toolbox,
    sources: sourceProvider(sourceOptions(origin, lock, context)),
    emit: say,
    offline: true,
    hold: buildLock.hold,
    around: aroundElsewhere(await readTimings(task.first), cpuList(readFileSync("/proc/self/status", "utf8"))),
  };
  const runs = task.steps.map((id) => buildSteps(graph, [id], { ...options, rebuild: (step) => step.id === id }));
  // All of them end before the lock is given back.
  const ended = await Promise.allSettled(runs);
  const failure = ended.find((one) => one.status === "rejected");
  if (failure) throw failure.reason;
  const built = ended.flatMap((one) => (one.status === "fulfilled" ? [...one.value] : []));
  return Object.fromEntries(built.map(([id, { output, path }]) => [id, { output, path }]));
}

process.umask(surroundings.umask);
const outcome: Outcome = { type: "outcome", facts: facts(), built: {} };
try {
  outcome.built = await rebuild();
} catch (error) {
  outcome.error = reportError(error);
}
say(outcome);
