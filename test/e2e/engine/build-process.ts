/**
 * Builds steps in a process of its own, for tests that end it or shut it in. Reads a {@link Task} as its one argument,
 * writes events and the {@link Outcome} as lines of JSON.
 */
import { HadronError, sha256 } from "../../../src/base/mod.ts";
import {
  assertCanSandbox,
  buildSteps,
  collectGarbage,
  openBuildLock,
  openCaches,
  openStore,
  thisHost,
  trustAnyone,
} from "../../../src/engine/mod.ts";
import type { Step } from "../../../src/graph/mod.ts";
import { contentOf, graphOf, noSources, realToolbox } from "./workbench.ts";

export interface Task {
  root: string;
  steps: Step[];
  cacheFrom?: string[];
  /** Also collect garbage at the end, and say whether that worked. */
  collect?: boolean;
}

export interface Outcome {
  type: "outcome";
  outputs: Record<string, string>;
  error?: { kind?: string; code?: string; message: string; hint?: string };
  /** What the store holds at the end. */
  content: Awaited<ReturnType<typeof contentOf>>;
  collected?: boolean;
}

const task = JSON.parse(process.argv[2] ?? "{}") as Task;
const say = (line: object) => console.log(JSON.stringify(line));

async function build(): Promise<Record<string, string>> {
  const store = await openStore(task.root);
  const toolbox = await realToolbox();
  await assertCanSandbox(await thisHost({ sandboxTree: toolbox.bubblewrap }));
  await using lock = openBuildLock(say, { name: `hadron-test-${sha256(task.root)}` });
  const caches = await openCaches(task.cacheFrom ?? [], store, { emit: say, trust: trustAnyone });
  const wanted = task.steps.map(({ id }) => id);
  const options = { store, toolbox, sources: noSources, caches, emit: say, hold: lock.hold };
  const built = await buildSteps(graphOf(task.steps), wanted, options);
  return Object.fromEntries([...built].map(([id, { output }]) => [id, output]));
}

const outcome: Partial<Outcome> = { type: "outcome", outputs: {} };
try {
  outcome.outputs = await build();
} catch (error) {
  const { kind, code, message, hint } = error as HadronError;
  outcome.error = { kind, code, message, ...(hint === undefined ? {} : { hint }) };
  if (!(error instanceof HadronError)) console.error(error);
}
outcome.content = await contentOf(task.root).catch(() => ({ work: [], results: [], objects: [] }));
if (task.collect)
  outcome.collected = await openStore(task.root)
    .then((store) => collectGarbage(store, { maxBytes: 0 }))
    .then(
      () => true,
      () => false,
    );
say(outcome);
