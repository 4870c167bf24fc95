import { formatSeconds } from "./format.ts";
import type { Progress } from "./progress.ts";

/** The last line of a build: `12 steps in 4 min 10 s: 9 built, 3 cached; CPU 91 %`. Undefined where nothing was planned. */
export function summary(progress: Progress, now: number, cpu: number | undefined): string | undefined {
  const { built, imported, cached, failed } = progress.outcomes;
  const done = built + imported + failed + cached;
  if (done === 0) return undefined;
  const counts = Object.entries({ built, imported, cached, failed })
    .filter(([, count]) => count > 0)
    .map(([outcome, count]) => `${count} ${outcome}`);
  const use = cpu === undefined || built === 0 ? "" : `; CPU ${cpu} %`;
  return `${done} steps in ${formatSeconds((now - progress.startedAt) / 1000)}: ${counts.join(", ")}${use}`;
}
