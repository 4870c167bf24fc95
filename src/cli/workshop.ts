import {
  assertCanSandbox,
  type BuildOptions,
  ensureToolboxSet,
  openBuildLock,
  openCaches,
  openStore,
  thisHost,
} from "../engine/mod.ts";
import type { Context } from "./command.ts";
import { type OriginInput, type Project, sourceOptions, sourceProvider } from "./project.ts";
import { type RegistryInput, registryOptions } from "./registry-options.ts";

/** What the command line says about a build. */
export interface BuildInput extends OriginInput, RegistryInput {
  jobs: number | undefined;
  cacheFrom: string[];
}

export interface Workshop extends AsyncDisposable {
  options: BuildOptions;
}

/**
 * Brings together what building takes: the toolbox, a machine that can sandbox, the store and the machine-wide lock, which
 * is taken when there is something to do, and which disposing gives back.
 */
export async function openWorkshop(
  project: Pick<Project, "lock">,
  input: BuildInput,
  context: Context,
): Promise<Workshop> {
  const { cacheRoot, emit, signal } = context;
  const { mirror, offline, jobs, cacheFrom } = input;
  // First, since it is what finds a cache folder that can't be written.
  const store = await openStore(cacheRoot);
  const caches =
    cacheFrom.length === 0
      ? undefined
      : await openCaches(cacheFrom, store, emit, offline ? undefined : await registryOptions(input, context));
  const fetching = { cacheRoot, emit, mirror, offline, signal };
  const sandbox = await ensureToolboxSet("sandbox", fetching);
  await assertCanSandbox(await thisHost({ sandboxTree: sandbox.path, mirror }));
  const root = await ensureToolboxSet("build", fetching);
  const lock = openBuildLock(emit, { signal });
  return {
    options: {
      store,
      toolbox: { digest: root.digest, root: root.path, bubblewrap: sandbox.path },
      sources: sourceProvider(sourceOptions(input, project.lock, context)),
      emit,
      signal,
      ...(caches === undefined ? {} : { caches }),
      ...(jobs === undefined ? {} : { jobs }),
      offline,
      hold: lock.hold,
    },
    [Symbol.asyncDispose]: () => lock[Symbol.asyncDispose](),
  };
}
