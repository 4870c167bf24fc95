import { cpSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cacheRoot, projectRoot, runProcess } from "../../src/base/mod.ts";
import { diskUse } from "../../src/engine/mod.ts";
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
  const command = ["image", "cloud", "--as", "disk", "--offline", "--output", join(benchFolder, "cold.raw")];
  const env = { ...definedEnv(), HADRON_CACHE: cache, HADRON_CACHE_FROM: "", HADRON_CACHE_TO: "" };
  const before = processorTimes();
  const memory = watchMemory();
  const started = performance.now();
  const { exitCode, stderr } = await runProcess("./hadron", command, { cwd: projectRoot, env });
  const seconds = (performance.now() - started) / 1000;
  const bytes = memory.stop();
  const after = processorTimes();
  if (exitCode !== 0) throw new Error(`The build failed with status ${exitCode}\n${stderr}`);
  const busy = (100 * (after.busy - before.busy)) / (after.all - before.all);
  const disk = await diskUse(join(cache, "objects"));
  rmSync(cache, { recursive: true });
  return coldRows({ seconds, busy, memory: bytes, disk });
}

/** @param figures.busy Per cent of all CPUs; `memory` and `disk` are bytes */
export function coldRows(figures: { seconds: number; busy: number; memory: number; disk: number }): Measured[] {
  return [
    { what: "from source to a disk, empty store", unit: "s", reach: 3600, value: figures.seconds },
    { what: "CPUs busy meanwhile", unit: "%", value: figures.busy },
    { what: "memory that it takes at most", unit: "MB", value: figures.memory / 1e6 },
    { what: "disk that the outputs of all its steps take", unit: "MB", value: figures.disk / 1e6 },
  ];
}

/** Ticks of all CPUs since the machine started, proc_stat(5). */
function processorTimes(): { busy: number; all: number } {
  const [line = ""] = readFileSync("/proc/stat", "utf8").split("\n");
  const ticks = line.trim().split(/\s+/).slice(1, 9).map(Number);
  const all = ticks.reduce((sum, value) => sum + value, 0);
  return { all, busy: all - (ticks[3] ?? 0) - (ticks[4] ?? 0) };
}

/** Most memory that was in use at once beyond what was before, seen twice a second: MemAvailable of proc_meminfo(5). */
function watchMemory(): { stop(): number } {
  const available = () => Number(/^MemAvailable: +(\d+)/m.exec(readFileSync("/proc/meminfo", "utf8"))?.[1]) * 1024;
  const before = available();
  let least = before;
  const timer = setInterval(() => {
    least = Math.min(least, available());
  }, 500);
  return {
    stop: () => {
      clearInterval(timer);
      return before - least;
    },
  };
}

function definedEnv(): Record<string, string> {
  return Object.fromEntries(Object.entries(process.env).flatMap(([name, value]) => (value ? [[name, value]] : [])));
}
