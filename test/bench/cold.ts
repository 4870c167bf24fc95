import { cpSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cacheRoot } from "../../src/base/mod.ts";
import { secondsOf } from "./command.ts";
import type { Measured } from "./figure.ts";
import { benchFolder } from "./timings.ts";

/** Everything from source into an empty store; sources and toolbox are there already, so that the network is not measured. */
export async function measureCold(): Promise<Measured[]> {
  const cache = join(benchFolder, "cold-cache");
  rmSync(cache, { recursive: true, force: true });
  mkdirSync(cache, { recursive: true });
  for (const kept of ["sources", "packages", "toolbox"])
    cpSync(join(cacheRoot(), kept), join(cache, kept), {
      recursive: true,
      preserveTimestamps: true,
      verbatimSymlinks: true,
    });
  const before = processorTimes();
  const seconds = await secondsOf(
    ["./hadron", "image", "cloud", "--as", "disk", "--offline", "--output", join(benchFolder, "cold.raw")],
    { env: { HADRON_CACHE: cache, HADRON_CACHE_FROM: "" } },
  );
  const after = processorTimes();
  const busy = (100 * (after.busy - before.busy)) / (after.all - before.all);
  return [
    {
      what: `from source to a disk, empty store, CPUs ${busy.toFixed(0)} % busy`,
      unit: "s",
      reach: 3600,
      value: seconds,
    },
  ];
}

/** Ticks of all CPUs since the machine started, proc_stat(5). */
function processorTimes(): { busy: number; all: number } {
  const [line = ""] = readFileSync("/proc/stat", "utf8").split("\n");
  const ticks = line.trim().split(/\s+/).slice(1, 9).map(Number);
  const all = ticks.reduce((sum, value) => sum + value, 0);
  return { all, busy: all - (ticks[3] ?? 0) - (ticks[4] ?? 0) };
}
