import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { HadronError, isSystemError, type Sha256 } from "../../base/mod.ts";
import { unpackTar } from "../../formats/mod.ts";
import { type Step, sourceDateEpoch } from "../../graph/mod.ts";
import type { SourceProvider } from "../build-options.ts";
import { sourcesOf } from "../closure.ts";
import { keyOf } from "../known-output.ts";
import { removeTree, type Store, storeError } from "../store/store.ts";
import { readTree, treeDigest } from "../store/tree.ts";
import { stageName } from "./dockerfile.ts";

export interface TakeOutputsOptions {
  store: Store;
  /** Digest of the toolbox set that steps run in. */
  toolbox: { digest: Sha256 };
  sources: SourceProvider;
  signal: AbortSignal;
}

/** What became of one step's output. */
export interface TakenOutput {
  step: string;
  output: Sha256;
  /** Whether the store has it now and had it not; had the very same; or has another one of this key, which stays. */
  outcome: "new" | "same" | "different";
  /** What the store has, where that is another one. */
  expected?: Sha256;
}

/**
 * Takes the outputs of a build by Docker into the store, under the keys that a build in the sandbox would give them.
 * @param steps In topological order, with all that they take
 * @param archive The `outputs` stage as a tar file: a folder for each step
 * @throws HadronError `OUTPUTS_NOT_FOUND`, `OUTPUTS_EMPTY`, `OUTPUTS_INCOMPLETE` where the output of an input is neither in the archive nor known; `TAR_…`
 */
export async function takeOutputs(
  steps: ReadonlyMap<string, Step>,
  archive: string,
  options: TakeOutputsOptions,
): Promise<TakenOutput[]> {
  const { store, signal } = options;
  const work = await store.makeWorkFolder("outputs");
  try {
    await unpackTar(createReadStream(archive), work).catch((error: unknown) => {
      throw isSystemError(error, "ENOENT", "EISDIR", "EACCES") ? notFound(archive, error) : error;
    });
    const outputs = new Map<string, Sha256>();
    const taken: TakenOutput[] = [];
    for (const step of steps.values()) {
      signal.throwIfAborted();
      const tree = join(work, stageName(step.id));
      const isInArchive = await isFolder(tree);
      const missing = missingInput(step, outputs);
      if (missing !== undefined) {
        if (isInArchive) throw incomplete(step, missing, archive);
        continue;
      }
      const key = keyOf({ options, sources: options.sources }, step, (id) => outputs.get(id) ?? "");
      const known = await store.find(key);
      if (isInArchive) {
        const output = treeDigest(await readTree(tree));
        taken.push(await take({ step, key, tree, output, expected: known?.output }, options));
        outputs.set(step.id, output);
      } else if (known) outputs.set(step.id, known.output);
    }
    if (taken.length === 0) throw empty(archive);
    return taken;
  } catch (error) {
    throw storeError(error, store.root);
  } finally {
    await removeTree(work);
  }
}

interface Candidate {
  step: Step;
  key: Sha256;
  tree: string;
  output: Sha256;
  expected: Sha256 | undefined;
}

async function take(
  { step, key, tree, output, expected }: Candidate,
  { store, sources }: TakeOutputsOptions,
): Promise<TakenOutput> {
  if (expected === output) return { step: step.id, output, outcome: "same" };
  if (expected !== undefined) return { step: step.id, output, outcome: "different", expected };
  const used = await Promise.all(
    sourcesOf(step).map(async (name) => {
      const { sha256, origin } = await sources.ensure(name);
      return { name, sha256, origin };
    }),
  );
  // How long it took there is not known.
  await store.commit({ key, step: step.id, seconds: 0, sources: used }, tree, sourceDateEpoch);
  return { step: step.id, output, outcome: "new" };
}

function missingInput(step: Step, outputs: ReadonlyMap<string, Sha256>): string | undefined {
  const inputs = step.inputs.flatMap((input) => (input.kind === "step" ? [input.step] : []));
  return inputs.find((id) => !outputs.has(id));
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}

function notFound(archive: string, cause: unknown): HadronError {
  return new HadronError(`Could not read the outputs in "${archive}"`, {
    kind: "usage",
    code: "OUTPUTS_NOT_FOUND",
    at: archive,
    hint: "Name the tar file that the build by Docker wrote",
    cause,
  });
}

function empty(archive: string): HadronError {
  return new HadronError(`"${archive}" has no step's output`, {
    kind: "input",
    code: "OUTPUTS_EMPTY",
    at: archive,
    hint: "Name the tar file that the build by Docker wrote, for the same --arch",
  });
}

function incomplete(step: Step, input: string, archive: string): HadronError {
  return new HadronError(`The output of "${step.id}" can't be placed: that of its input "${input}" is not known`, {
    kind: "input",
    code: "OUTPUTS_INCOMPLETE",
    at: archive,
    hint: "Take the outputs in the checkout that the Dockerfile was made in, and all that were written",
  });
}
