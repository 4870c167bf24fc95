import { mkdir, mkdtemp, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cacheRoot, type Event, silent } from "../../../src/base/mod.ts";
import {
  type BuildOptions,
  type BuiltStep,
  buildSteps,
  ensureToolboxSet,
  openStore,
  removeTree,
  type Store,
} from "../../../src/engine/mod.ts";
import { baseEnvironment, type Graph, type Step, type StepInput } from "../../../src/graph/mod.ts";
import { targets } from "../../../src/recipe/mod.ts";

/** A store of its own in a temporary folder, with the real toolbox: for steps that are made up. */
export interface Workbench extends AsyncDisposable {
  root: string;
  store: Store;
  /** All that happened so far. */
  events: Event[];
  build(steps: Step[], wanted?: string[], options?: Partial<BuildOptions>): Promise<Map<string, BuiltStep>>;
  /** How steps ended since this was asked last, such as `built a`, sorted. */
  outcomes(): string[];
}

export async function openWorkbench(): Promise<Workbench> {
  const root = await mkdtemp(join(tmpdir(), "hadron-engine-"));
  const store = await openStore(root);
  const toolbox = await realToolbox();
  const events: Event[] = [];
  let seen = 0;
  return {
    root,
    store,
    events,
    build: (steps, wanted = steps.map(({ id }) => id), options = {}) =>
      buildSteps(graphOf(steps), wanted, {
        store,
        toolbox,
        sources: noSources,
        emit: (event) => events.push(event),
        ...options,
      }),
    outcomes: () => {
      const fresh = events.slice(seen);
      seen = events.length;
      return fresh.flatMap((event) => (event.type === "step-end" ? [`${event.outcome} ${event.step}`] : [])).sort();
    },
    [Symbol.asyncDispose]: () => removeTree(root),
  };
}

let toolbox: Promise<BuildOptions["toolbox"]> | undefined;

/** What steps run in, from the cache of this machine. */
export function realToolbox(): Promise<BuildOptions["toolbox"]> {
  const open = async () => {
    const options = { cacheRoot: cacheRoot(), emit: silent };
    const build = await ensureToolboxSet("build", options);
    const sandbox = await ensureToolboxSet("sandbox", options);
    return { digest: build.digest, root: build.path, bubblewrap: sandbox.path };
  };
  toolbox ??= open();
  return toolbox;
}

export const noSources: BuildOptions["sources"] = {
  choose: (name) => {
    throw new Error(`No source "${name}" here`);
  },
  has: () => false,
  ensure: async (name) => {
    throw new Error(`No source "${name}" here`);
  },
};

/** A step that takes the outputs of others at `/needs/<id>`. */
export function step(id: string, script: string, needs: string[] = [], more: StepInput[] = []): Step {
  const inputs = needs.map((need): StepInput => ({ kind: "step", step: need, mount: `/needs/${need}` }));
  return {
    id,
    at: `recipes/${id}/recipe.ts:7`,
    script,
    env: baseEnvironment(targets.x86_64),
    inputs: [...inputs, ...more],
  };
}

export function graphOf(steps: Step[]): Graph {
  return { arch: "x86_64", steps: new Map(steps.map((it) => [it.id, it])) };
}

/** What a store holds, by folder. */
export async function contentOf(root: string): Promise<Record<"work" | "results" | "objects", string[]>> {
  const list = async (name: string) => {
    await mkdir(join(root, name), { recursive: true });
    return (await readdir(join(root, name))).sort();
  };
  return { work: await list("work"), results: await list("results"), objects: await list("objects") };
}
