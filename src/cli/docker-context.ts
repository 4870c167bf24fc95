import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { HadronError, isSystemError, type Sha256 } from "../base/mod.ts";
import {
  contextNames,
  contextPlaces,
  dockerfileMark,
  ensureToolboxSet,
  openStore,
  type WrittenContext,
  writeBuildContext,
} from "../engine/mod.ts";
import type { Step } from "../graph/mod.ts";
import type { Context } from "./command.ts";
import { type OriginInput, type Project, sourceOptions, sourceProvider } from "./project.ts";

export interface ContextToWrite {
  /** Steps that are to be known in the end. */
  wanted: readonly string[];
  /** Outputs that are handed over, by the step's id. */
  known: ReadonlyMap<string, Sha256>;
  output: string;
}

/** Writes the context of a build by Docker, with the sources and the toolbox, which are fetched if need be. */
export async function writeContext(
  steps: ReadonlyMap<string, Step>,
  { wanted, known, output }: ContextToWrite,
  { lock }: Pick<Project, "lock">,
  input: OriginInput,
  context: Context,
): Promise<WrittenContext> {
  const { cacheRoot, emit, signal } = context;
  const store = await openStore(cacheRoot);
  const toolbox = await ensureToolboxSet("build", {
    cacheRoot,
    emit,
    signal,
    mirror: input.mirror,
    offline: input.offline,
  });
  const sources = sourceProvider(sourceOptions(input, lock, context));
  return writeBuildContext(steps, {
    wanted,
    known,
    toolbox: { root: toolbox.path, digest: toolbox.digest },
    sources,
    store,
    to: resolve(output),
    signal,
  });
}

/**
 * Only a context is replaced by another.
 * @throws HadronError `GRAPH_OUTPUT` where something else is at a place
 */
export async function assertContextPlace(output: string): Promise<void> {
  const path = resolve(output);
  if (await isFree(path)) return;
  throw new HadronError(`Could not write a build context to "${output}": something else is there`, {
    kind: "usage",
    code: "GRAPH_OUTPUT",
    at: path,
    hint: "Name a folder that is new",
  });
}

/** Whether there is nothing at a place, or a context and nothing beside it that would be lost. */
async function isFree(path: string): Promise<boolean> {
  let names: string[];
  try {
    names = await readdir(path);
  } catch (error) {
    return isSystemError(error, "ENOENT");
  }
  if (names.length === 0) return true;
  const { dockerfile } = contextPlaces;
  const text = await readFile(join(path, dockerfile), "utf8").catch(() => "");
  return text.startsWith(dockerfileMark) && names.every((name) => contextNames.has(name));
}
