/**
 * `make experiments`: what is tried before formats are settled, each with a page in docs/adr/ on what was seen. Names given select some:
 * `npm run experiments -- grub`. Ends with the totals alone on a line.
 */
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { HadronError, messageOf, projectRoot } from "../../src/base/mod.ts";
import type { Check, Experiment } from "./experiment.ts";

const experiments: Record<string, () => Promise<{ experiment: Experiment }>> = {
  "encrypted-var": () => import("./encrypted-var/experiment.ts"),
  grub: () => import("./grub/experiment.ts"),
};

const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(experiments);

const unknown = wanted.filter((name) => !Object.hasOwn(experiments, name));
if (unknown.length > 0) {
  console.error(`Unknown: ${unknown.join(", ")}. Known experiments: ${Object.keys(experiments).join(", ")}`);
  process.exit(2);
}

let passed = 0;
let failed = 0;
for (const name of wanted) {
  console.log(`== ${name}`);
  for await (const { what, passed: isPassed, detail } of checksOf(name)) {
    console.log(`${isPassed ? "passed" : "FAILED"}: ${what} (${detail})`);
    if (isPassed) passed++;
    else failed++;
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

/** An experiment that breaks off counts as one more failure, and the next is run all the same. */
async function* checksOf(name: string): AsyncGenerator<Check> {
  try {
    const load = experiments[name];
    if (load === undefined) throw new Error("There is no such experiment");
    const folder = join(projectRoot, "out/experiments", name);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    yield* (await load()).experiment(folder);
  } catch (error) {
    const detail = error instanceof HadronError && error.detail ? `\n${error.detail}` : "";
    yield { what: `"${name}" runs to its end`, passed: false, detail: `${messageOf(error)}${detail}` };
  }
}
