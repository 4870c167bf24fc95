import { readFileSync } from "node:fs";
import { join } from "node:path";
import { cacheRoot, projectRoot, writeFileAtomic } from "../../src/base/mod.ts";
import { projectGraph } from "../project-graph.ts";
import { inFigures } from "./figure.ts";
import { table } from "./page.ts";

/** Seconds of each step when it last ran on this machine, longest first. What tests built of their own is none of the project's. */
export async function stepTimings(): Promise<[step: string, seconds: number][]> {
  const known = JSON.parse(readFileSync(join(cacheRoot(), "timings.json"), "utf8")) as Record<string, number>;
  const { steps } = await projectGraph();
  const own = Object.entries(known).filter(([step]) => steps.has(step));
  return own.sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
}

/** Steps of at least two seconds, and one line for the rest. */
export function componentsTable(timings: readonly [string, number][]): string {
  const long = timings.filter(([, seconds]) => seconds >= 2);
  const short = timings.filter(([, seconds]) => seconds < 2);
  const rest = short.reduce((sum, [, seconds]) => sum + seconds, 0);
  const rows = [...long, [`${short.length} shorter ones together`, rest] as const];
  return table(
    ["step", "seconds"],
    rows.map(([step, seconds]) => [step, inFigures(seconds)]),
  );
}

/**
 * `build-times.json`: what the estimate of a first build on another machine starts from. Whole seconds; tests too, since a step
 * of which nothing is known is taken to last as long as others.
 */
export async function writeBuildTimes(timings: readonly [string, number][]): Promise<void> {
  const whole = timings
    .map(([step, seconds]) => [step, Math.round(seconds)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  await writeFileAtomic(
    join(projectRoot, "build-times.json"),
    `${JSON.stringify(Object.fromEntries(whole), null, 2)}\n`,
  );
}
