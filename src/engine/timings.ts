import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { projectRoot, writeFileAtomic } from "../base/mod.ts";

/** Seconds that each step took when it last ran here; else on the machine of the last benchmark. For order and estimates only. */
export async function readTimings(cacheRoot: string): Promise<Map<string, number>> {
  const known = new Map<string, number>();
  for (const file of [join(projectRoot, "build-times.json"), timingsFile(cacheRoot)])
    for (const [step, seconds] of Object.entries(await readJson(file))) known.set(step, seconds);
  return known;
}

let writing: Promise<void> = Promise.resolve();

/** Remembers how long a step took. A failure is of no consequence, so there is none. */
export function recordTiming(cacheRoot: string, step: string, seconds: number): Promise<void> {
  const write = async (): Promise<void> => {
    const timings = { ...(await readJson(timingsFile(cacheRoot))), [step]: seconds };
    const sorted = Object.fromEntries(Object.entries(timings).sort(([a], [b]) => (a < b ? -1 : 1)));
    await writeFileAtomic(timingsFile(cacheRoot), `${JSON.stringify(sorted, null, 1)}\n`);
  };
  writing = writing.then(write).catch(() => {});
  return writing;
}

function timingsFile(cacheRoot: string): string {
  return join(cacheRoot, "timings.json");
}

async function readJson(file: string): Promise<Record<string, number>> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as Record<string, number>;
  } catch {
    return {};
  }
}
