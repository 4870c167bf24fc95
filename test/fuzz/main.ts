/**
 * `make fuzz`: every target (targets.ts) for a fixed time each, with inputs that nobody has tried before. Prints how many it tried,
 * and of a failure the seed and what to type to see it again. After `npm run fuzz --`: `--seconds N`, `--only NAME`,
 * `--seed N`, `--path PATH`.
 */
import { randomInt } from "node:crypto";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { removeTree } from "../../src/engine/store/store.ts";
import { keepFilesInMemory } from "../memory-folder.ts";
import { makeBoxFolder, removeAbandonedBoxes } from "./box.ts";
import type { Target } from "./target.ts";
import { targets } from "./targets.ts";
import type { Tried, Work } from "./worker.ts";

const secondsEach = 30;
/** An input that takes longer than this never ends. */
const stuckSeconds = 60;

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: String(secondsEach) },
    only: { type: "string" },
    seed: { type: "string" },
    path: { type: "string" },
  },
});
const seconds = Number(values.seconds);
const chosen = targets.filter(({ name }) => values.only === undefined || name === values.only);
if (chosen.length === 0 || !(seconds > 0)) {
  console.error(`Nothing to do. Targets:\n${targets.map(({ name }) => `  ${name}`).join("\n")}`);
  process.exit(2);
}
const seed = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed);
console.log(`seed ${seed}, ${chosen.length} targets, ${seconds} s each`);

keepFilesInMemory();
await removeAbandonedBoxes();
let executions = 0;
const failed: string[] = [];

async function fuzz({ name }: Target): Promise<void> {
  const began = performance.now();
  const root = await makeBoxFolder();
  const tried = await inWorker(name, root);
  await removeTree(root);
  executions += tried.executions;
  const took = ((performance.now() - began) / 1000).toFixed(0);
  console.log(`${tried.failure ? "FAILED" : "passed"}: ${name}: ${tried.executions} executions in ${took} s`);
  if (!tried.failure) return;
  failed.push(name);
  const { path, report } = tried.failure;
  console.log(report);
  console.log(`See it again: npm run fuzz -- --only "${name}" --seed ${seed}${path === "" ? "" : ` --path ${path}`}`);
}

/** In a thread of its own: so one that never comes to an end can be ended. */
function inWorker(name: string, root: string): Promise<Tried> {
  const begun = new Int32Array(new SharedArrayBuffer(4));
  const work: Work = {
    ...{ target: name, seed, milliseconds: seconds * 1000, begun, root },
    ...(values.path === undefined ? {} : { path: values.path }),
  };
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { workerData: work });
  return new Promise((resolve) => {
    let last = { count: 0, at: performance.now() };
    const end = (tried: Tried): void => {
      clearInterval(watch);
      // What it was doing to its folder is over before that is removed.
      void worker.terminate().then(() => resolve(tried));
    };
    const watch = setInterval(() => {
      const count = Atomics.load(begun, 0);
      if (count !== last.count) last = { count, at: performance.now() };
      else if (performance.now() - last.at > stuckSeconds * 1000)
        end({
          executions: count,
          failure: { path: String(count - 1), report: `Input ${count - 1} does not come to an end` },
        });
    }, 1000);
    worker.once("message", end);
    worker.once("error", (error: Error) => {
      const report = error.stack ?? String(error);
      end({ executions: Atomics.load(begun, 0), failure: { path: "", report } });
    });
  });
}

const queue = [...chosen];
const workers = Array.from({ length: Math.min(availableParallelism(), queue.length) }, async () => {
  for (let next = queue.shift(); next; next = queue.shift()) await fuzz(next);
});
await Promise.all(workers);
for (const name of failed) console.log(`failed: ${name}`);
console.log(`${executions} executions; ${chosen.length - failed.length} passed, ${failed.length} failed`);
process.exit(failed.length === 0 ? 0 : 1);
