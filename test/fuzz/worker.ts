import { parentPort, workerData } from "node:worker_threads";
import fc from "fast-check";
import { openBox } from "./box.ts";
import { targets } from "./targets.ts";

/** What a worker is to do: try one target for so long. */
export interface Work {
  target: string;
  seed: number;
  milliseconds: number;
  /** Where to begin: the path of a failure that was reported before. */
  path?: string;
  /** One number: how many inputs were begun. It is read while one that never ends is being tried. */
  begun: Int32Array;
  /** A folder of its own, which is there and empty. */
  root: string;
}

/** What came of it. */
export interface Tried {
  executions: number;
  /** What to mend, and the path to see it again; undefined where all went well. */
  failure?: { path: string; report: string };
}

const longestReport = 4000;

/** Seconds; no input here is worth more of them. */
const longestRun = 10;

const { target: name, seed, milliseconds, path, begun, root } = workerData as Work;
const target = targets.find((one) => one.name === name);
if (!target) throw new Error(`There is no target "${name}"`);
// Removed by the parent: this thread may be ended before it comes to that.
const box = await openBox(root);
const property = target.property(box, longestRun);
const run = property.run.bind(property);
property.run = (value) => {
  Atomics.add(begun, 0, 1);
  return run(value);
};
const details = await fc.check(property, {
  seed,
  numRuns: 2 ** 31 - 1,
  interruptAfterTimeLimit: milliseconds,
  markInterruptAsFailure: false,
  ...(path === undefined ? {} : { path, endOnFailure: true }),
});
const tried: Tried = {
  executions: Atomics.load(begun, 0),
  ...(details.failed
    ? {
        failure: {
          path: details.counterexamplePath ?? "",
          report: `${reason(details.errorInstance)}\n${await fc.asyncDefaultReportMessage(details)}`.slice(
            0,
            longestReport,
          ),
        },
      }
    : {}),
};
parentPort?.postMessage(tried);

function reason(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
