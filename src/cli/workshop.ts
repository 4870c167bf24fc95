import {
  assertCanSandbox,
  type BuildOptions,
  type BuiltStep,
  buildSteps,
  type Caches,
  ensureToolboxSet,
  locateToolboxSet,
  openBuildLock,
  openCaches,
  openStore,
  type Store,
  thisHost,
} from "../engine/mod.ts";
import type { Graph } from "../graph/mod.ts";
import { type CacheToInput, openCacheTo } from "./cache-to.ts";
import { type CacheFromInput, cacheTrust, warnOfForeignWord } from "./cache-trust.ts";
import type { Context } from "./command.ts";
import { type OriginInput, type Project, sourceOptions, sourceProvider } from "./project.ts";
import { type RegistryInput, registryOptions } from "./registry-options.ts";

/** What the command line says about a build. */
export interface BuildInput extends OriginInput, RegistryInput, CacheFromInput, CacheToInput {
  jobs: number | undefined;
}

export interface Workshop extends AsyncDisposable {
  /** A build makes sure by itself that it can run a step, once it has one to run. */
  options: BuildOptions & Required<Pick<BuildOptions, "prepare">>;
  /** Builds, as `buildSteps` does, and gives what there is of it here to the caches of `--cache-to`. */
  build(
    graph: Graph,
    wanted: readonly string[],
    options?: Pick<BuildOptions, "rebuild">,
  ): Promise<Map<string, BuiltStep>>;
}

/**
 * Brings together what building takes: the store and, only when there is something to do, the toolbox, a machine that can
 * sandbox, and the machine-wide lock, which disposing gives back. Who has all outputs needs none of these.
 */
export async function openWorkshop(
  project: Pick<Project, "lock" | "graph">,
  input: BuildInput,
  context: Context,
): Promise<Workshop> {
  const { cacheRoot, emit, signal } = context;
  const { mirror, offline, jobs, cacheFrom } = input;
  // First, since it is what finds a cache folder that can't be written.
  const store = await openStore(cacheRoot);
  const caches = cacheFrom.length === 0 ? undefined : await openNamedCaches(input, store, context);
  const share = await openCacheTo(input, context);
  const fetching = { cacheRoot, emit, mirror, offline, signal };
  let preparing: Promise<void> | undefined;
  const prepare = (): Promise<void> => {
    preparing ??= makeRunnable(fetching);
    return preparing;
  };
  const [sandbox, root] = [
    await locateToolboxSet("sandbox", { cacheRoot }),
    await locateToolboxSet("build", { cacheRoot }),
  ];
  const lock = openBuildLock(emit, { signal });
  const options: Workshop["options"] = {
    store,
    toolbox: { digest: root.digest, root: root.path, bubblewrap: sandbox.path },
    sources: sourceProvider(sourceOptions(input, project.lock, context)),
    emit,
    signal,
    ...(caches === undefined ? {} : { caches }),
    ...(jobs === undefined ? {} : { jobs }),
    offline,
    ...{ prepare, hold: lock.hold },
  };
  return {
    options,
    build: async (graph, wanted, more = {}) => {
      const built = await buildSteps(graph, wanted, { ...options, ...more });
      await share(project.graph, wanted, options);
      return built;
    },
    [Symbol.asyncDispose]: () => lock[Symbol.asyncDispose](),
  };
}

async function makeRunnable(
  fetching: Parameters<typeof ensureToolboxSet>[1] & Pick<BuildInput, "mirror">,
): Promise<void> {
  const sandbox = await ensureToolboxSet("sandbox", fetching);
  await assertCanSandbox(await thisHost({ sandboxTree: sandbox.path, mirror: fetching.mirror }));
  await ensureToolboxSet("build", fetching);
}

async function openNamedCaches(input: BuildInput, store: Store, context: Context): Promise<Caches> {
  const trust = await cacheTrust(input);
  warnOfForeignWord(input, trust, context.emit);
  const registry = input.offline ? undefined : await registryOptions(input, context);
  return openCaches(input.cacheFrom, store, { emit: context.emit, trust, registry });
}
