import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { HadronError, programName, type Sha256 } from "../base/mod.ts";
import { type Step, sourceDateEpoch } from "../graph/mod.ts";
import type { BuildOptions } from "./build-options.ts";
import { failureHints } from "./failure-hints.ts";
import { tailOf } from "./log-tail.ts";
import { type PlacedInput, runStep } from "./sandbox/step-run.ts";
import { removeTree, type StepResult, type Store, storeError } from "./store/store.ts";

export interface StepToRun {
  step: Step;
  key: Sha256;
  inputs: readonly PlacedInput[];
  /** Processes at once. */
  jobs: number;
  /** Seconds since it began. */
  elapsed: () => number;
  signal: AbortSignal;
}

/** Lines of a failed step's log that are shown. */
const shownLines = 30;

/**
 * Runs a step in its sandbox and takes its output into the store. Whatever happens, nothing is left in `work/`.
 * @throws HadronError `STEP_FAILED`, `STEP_EMPTY`, `STORE_FULL`, …
 */
export async function runAndCommit(
  { step, key, inputs, jobs, elapsed, signal }: StepToRun,
  { store, toolbox, around }: Pick<BuildOptions, "store" | "toolbox" | "around">,
): Promise<StepResult> {
  const work = await store.makeWorkFolder(step.id);
  const logFile = logPath(store, step.id, key);
  try {
    const words = around?.(step) ?? [];
    const status = await runStep({ step, inputs, work, toolbox, jobs, logFile, signal, around: words });
    signal.throwIfAborted();
    if (status !== 0) throw await stepFailed(step, status, logFile, store.root);
    const output = join(work, "out");
    await assertOutput(step, output, `Whole log: ${logFile}`);
    const sources = inputs.flatMap((input) => (input.kind === "file" ? [input.source] : []));
    return await store.commit({ key, step: step.id, seconds: elapsed(), sources }, output, sourceDateEpoch);
  } catch (error) {
    throw storeError(error, store.root);
  } finally {
    await removeTree(work);
  }
}

/** The log of a step's last run with this key. */
export function logPath(store: Store, step: string, key: Sha256): string {
  return join(store.root, "logs", `${step.replaceAll(/[^\w.-]/g, "-")}.${key.slice(0, 12)}.log`);
}

/** Tests say what they found by their exit status alone; all others leave something. @throws HadronError `STEP_EMPTY` */
export async function assertOutput({ id, at }: Pick<Step, "id" | "at">, output: string, hint: string): Promise<void> {
  if (id.endsWith(":test") || !(await isEmpty(output))) return;
  throw new HadronError(`Step "${id}" left nothing in /out`, { kind: "step", code: "STEP_EMPTY", at, hint });
}

async function isEmpty(output: string): Promise<boolean> {
  const entries = await readdir(output, { recursive: true, withFileTypes: true });
  return entries.every((entry) => entry.isDirectory());
}

async function stepFailed(step: Step, status: number, logFile: string, cacheRoot: string): Promise<HadronError> {
  const detail = await tailOf(logFile, shownLines).catch(() => "");
  const hints = [...(await failureHints(detail, cacheRoot)), `Whole log: ${logFile}`, shellHint(step)];
  return new HadronError(`Step "${step.id}" failed with exit status ${status}`, {
    kind: "step",
    code: "STEP_FAILED",
    at: step.at,
    detail,
    // Each on a line of its own: a dot after a path would be taken for a part of it.
    hint: hints.join("\n"),
  });
}

/** What the command line takes a step to be of unless `--arch` says otherwise. */
const defaultArch = "x86_64";

/** The command that opens a shell in the sandbox of a step. */
export function shellHint({ id, env }: Pick<Step, "id" | "env">): string {
  const { ARCH: arch = defaultArch } = env;
  return `Enter its sandbox: ${programName()} build ${id} --shell${arch === defaultArch ? "" : ` --arch ${arch}`}`;
}
