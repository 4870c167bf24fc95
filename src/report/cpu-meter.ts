import { readFileSync } from "node:fs";

/** Gives the share of all CPUs in use, 0–100, since the last call; undefined where /proc/stat can't be read. */
export type CpuMeter = () => number | undefined;

/** @param read the text of /proc/stat (proc_stat(5)). */
export function openCpuMeter(read: () => string = () => readFileSync("/proc/stat", "utf8")): CpuMeter {
  let last = sample(read);
  return () => {
    const next = sample(read);
    if (!next || !last) return undefined;
    const total = next.total - last.total;
    const idle = next.idle - last.idle;
    last = next;
    return total <= 0 ? undefined : Math.round((100 * (total - idle)) / total);
  };
}

function sample(read: () => string): { total: number; idle: number } | undefined {
  try {
    const line = read().split("\n", 1)[0] ?? "";
    // user nice system idle iowait irq softirq steal; guest times are already in user and nice.
    const ticks = line.trim().split(/\s+/).slice(1, 9).map(Number);
    if (ticks.length < 5 || ticks.some(Number.isNaN)) return undefined;
    return { total: ticks.reduce((a, b) => a + b, 0), idle: (ticks[3] ?? 0) + (ticks[4] ?? 0) };
  } catch {
    return undefined;
  }
}
