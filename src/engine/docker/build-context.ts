import { randomBytes } from "node:crypto";
import { createWriteStream } from "node:fs";
import { copyFile, link, mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { replaceFolder, type Sha256 } from "../../base/mod.ts";
import type { Step } from "../../graph/mod.ts";
import type { SourceProvider } from "../build-options.ts";
import { sourcesOf } from "../closure.ts";
import { stageFiles } from "../sandbox/stage-files.ts";
import { queueSources } from "../source-queue.ts";
import { packTree } from "../store/pack-tree.ts";
import type { Store } from "../store/store.ts";
import { readTree } from "../store/tree.ts";
import { contextPlaces, sourcesContext } from "./context-places.ts";
import { lowerToDockerfile, neededSteps } from "./dockerfile.ts";

export interface BuildContextOptions {
  /** Steps that are to be known in the end; by id. */
  wanted: readonly string[];
  /** Outputs in the store that are taken as they are, by the step's id. */
  known: ReadonlyMap<string, Sha256>;
  /** Root of every step, and its digest. */
  toolbox: { root: string; digest: Sha256 };
  sources: SourceProvider;
  store: Pick<Store, "objectPath">;
  /** The folder to write: it is new, or replaced as a whole. */
  to: string;
  signal: AbortSignal;
}

/** What was written. */
export interface WrittenContext {
  /** Steps that Docker runs. */
  run: string[];
  /** Steps whose outputs are handed over. */
  known: string[];
}

/**
 * Writes the Dockerfile of {@link lowerToDockerfile} with all that it takes, whole or not at all: the toolbox, files of the project,
 * known outputs, and `sources/`, which is the context of that name.
 * @param steps In topological order, with all that they take
 * @throws HadronError `SOURCE_…`, `INPUT_CHANGED`
 */
export async function writeBuildContext(
  steps: ReadonlyMap<string, Step>,
  options: BuildContextOptions,
): Promise<WrittenContext> {
  const { known, store, to, signal } = options;
  const needed = [...neededSteps(steps, options).values()];
  const run = needed.filter(({ id }) => !known.has(id));
  const beside = `${to}.${process.pid}.${randomBytes(4).toString("hex")}.part`;
  try {
    await mkdir(beside, { recursive: true });
    await placeSources(run, join(beside, sourcesContext), queueSources(options.sources, signal));
    // After the sources: which of several candidates could be had is known by now.
    const text = lowerToDockerfile(steps, { ...options, choose: (name) => options.sources.choose(name) });
    await writeFile(join(beside, contextPlaces.dockerfile), text);
    await writeArchive(options.toolbox.root, join(beside, contextPlaces.toolbox));
    for (const { inputs } of run)
      for (const input of inputs)
        if (input.kind === "files")
          stageFiles(
            { host: input.directory, mount: input.mount, digest: input.digest },
            join(beside, contextPlaces.files(input.digest)),
          );
    for (const digest of new Set(needed.flatMap(({ id }) => known.get(id) ?? []))) {
      signal.throwIfAborted();
      await writeArchive(store.objectPath(digest), join(beside, contextPlaces.output(digest)));
    }
    await replaceFolder(to, beside);
  } catch (error) {
    await rm(beside, { recursive: true, force: true });
    throw error;
  }
  return { run: run.map(({ id }) => id), known: needed.filter(({ id }) => known.has(id)).map(({ id }) => id) };
}

async function placeSources(steps: readonly Step[], folder: string, sources: SourceProvider): Promise<void> {
  await mkdir(folder);
  const names = [...new Set(steps.flatMap(sourcesOf))];
  await Promise.all(
    names.map(async (name) => {
      const { path, sha256 } = await sources.ensure(name);
      await linkOrCopy(path, join(folder, sha256));
    }),
  );
}

/** Two sources may have the same bytes. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  await rm(to, { force: true });
  await link(from, to).catch(() => copyFile(from, to));
}

async function writeArchive(tree: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await pipeline(packTree(tree, await readTree(tree)), createWriteStream(to));
}
