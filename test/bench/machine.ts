import { readFileSync } from "node:fs";
import { availableParallelism, release, totalmem } from "node:os";

/** One line that says on what and when the figures were taken. */
export function machineLine(now: Date): string {
  const model = /^model name\s*: (.*)$/m.exec(readFileSync("/proc/cpuinfo", "utf8"))?.[1] ?? "unknown processor";
  const memory = Math.round(totalmem() / 2 ** 30);
  const day = now.toISOString().slice(0, 10);
  return `${day}, ${availableParallelism()} cores of ${model}, ${memory} GiB, Linux ${release()}`;
}
