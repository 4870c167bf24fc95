import { open, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { HadronError, type Sha256 } from "../../base/mod.ts";
import { unpackTar } from "../../formats/mod.ts";
import { type Step, sourceDateEpoch } from "../../graph/mod.ts";
import type { SourceProvider } from "../build-options.ts";
import { sourcesOf } from "../closure.ts";
import { keyOf } from "../known-output.ts";
import { assertOutput } from "../run-and-commit.ts";
import { removeTree, type Store, storeError } from "../store/store.ts";
import { readTree, treeDigest } from "../store/tree.ts";
import { loweredKey, ranFile } from "./dockerfile.ts";
import { stageName } from "./stage-name.ts";

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
 * @throws HadronError `OUTPUTS_NOT_FOUND`; `OUTPUTS_INVALID` where it is none that a build by Docker brought out; `OUTPUTS_FOREIGN` where these
 * are no steps, or others than there are now; `OUTPUTS_INCOMPLETE` where the output of an input is neither in the archive nor known;
 * `STEP_EMPTY`, `TAR_…`
 */
export async function takeOutputs(
  steps: ReadonlyMap<string, Step>,
  archive: string,
  options: TakeOutputsOptions,
): Promise<TakenOutput[]> {
  const { store, signal } = options;
  const work = await store.makeWorkFolder("outputs");
  try {
    await unpackArchive(archive, work);
    const ran = await readRan(work, archive);
    const names = new Set([...steps.keys()].map(stageName));
    const unknown = [...ran.keys()].filter((name) => !names.has(name));
    if (unknown.length > 0) throw foreign(unknown, archive);
    const outputs = new Map<string, Sha256>();
    const taken: TakenOutput[] = [];
    for (const step of steps.values()) {
      signal.throwIfAborted();
      const name = stageName(step.id);
      const ranKey = ran.get(name);
      const missing = missingInput(step, outputs);
      if (missing !== undefined) {
        if (ranKey !== undefined) throw incomplete(step, missing, archive);
        continue;
      }
      const key = keyOf({ options, sources: options.sources }, step, (id) => outputs.get(id) ?? "");
      // Of an input the digest is enough, as it is for a build in the sandbox.
      const known = await store.recall(key);
      if (ranKey !== undefined) {
        const knownOutput = (id: string) => (ran.has(stageName(id)) ? undefined : outputs.get(id));
        const lowering = { ...options, choose: (source: string) => options.sources.choose(source) };
        if (ranKey !== loweredKey(step, lowering, knownOutput)) throw foreign([step.id], archive);
        const tree = join(work, name);
        await assertOutput(step, tree, "Look into the log of the build by Docker");
        const output = treeDigest(await readTree(tree));
        taken.push(await take({ step, key, tree, output, expected: known?.output }, options));
        outputs.set(step.id, output);
      } else if (known) outputs.set(step.id, known.output);
    }
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
  const isHere = (await store.find(key)) !== undefined;
  if (expected === output && isHere) return { step: step.id, output, outcome: "same" };
  if (expected !== undefined && expected !== output) return { step: step.id, output, outcome: "different", expected };
  const used = await Promise.all(
    sourcesOf(step).map(async (name) => {
      const { sha256, origin } = await sources.ensure(name);
      return { name, sha256, origin };
    }),
  );
  // How long it took there is not known.
  const made = { key, step: step.id, seconds: 0, sources: used, engine: "docker" } as const;
  await store.commit(made, tree, sourceDateEpoch);
  return { step: step.id, output, outcome: "new" };
}

function missingInput(step: Step, outputs: ReadonlyMap<string, Sha256>): string | undefined {
  const inputs = step.inputs.flatMap((input) => (input.kind === "step" ? [input.step] : []));
  return inputs.find((id) => !outputs.has(id));
}

async function unpackArchive(archive: string, into: string): Promise<void> {
  const file = await open(archive).catch((error: unknown) => {
    throw notFound(archive, error);
  });
  await using _ = file;
  if ((await file.stat()).isDirectory()) throw notFound(archive);
  await unpackTar(file.createReadStream({ autoClose: false }), into);
}

/** What was run, by the names of the folders, which are all there and none else. */
async function readRan(work: string, archive: string): Promise<Map<string, Sha256>> {
  const text = await readFile(join(work, ranFile), "utf8").catch(() => "");
  const ran = new Map<string, Sha256>();
  for (const line of text.split("\n").slice(0, -1)) {
    const [, key, name] = /^([0-9a-f]{64}) {2}(.+)$/.exec(line) ?? [];
    if (key === undefined || name === undefined) throw invalid(archive);
    ran.set(name, key);
  }
  const folders = (await readdir(work, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const isWhole = folders.length === ran.size && folders.every(({ name }) => ran.has(name));
  if (ran.size === 0 || !isWhole) throw invalid(archive);
  return ran;
}

function notFound(archive: string, cause?: unknown): HadronError {
  return new HadronError(`Could not read the outputs in "${archive}"`, {
    kind: "usage",
    code: "OUTPUTS_NOT_FOUND",
    at: archive,
    hint: "Name the tar file that the build by Docker wrote",
    cause,
  });
}

function invalid(archive: string): HadronError {
  return new HadronError(`"${archive}" is not what a build by Docker brought out`, {
    kind: "input",
    code: "OUTPUTS_INVALID",
    at: archive,
    hint: "Name the tar file that the build by Docker wrote, whole and unchanged",
  });
}

/** Under the keys of now they would be lies. */
function foreign(steps: readonly string[], archive: string): HadronError {
  const named = steps.map((step) => `"${step}"`).join(", ");
  return new HadronError(`"${archive}" has outputs of other steps than this checkout has: ${named}`, {
    kind: "input",
    code: "OUTPUTS_FOREIGN",
    at: archive,
    hint: "Take them with the --arch, and in the checkout, that the Dockerfile was made with; if recipes were changed since, make it again",
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
