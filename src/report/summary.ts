import { formatBytes, formatSeconds } from "./format.ts";
import { countOutcomes, type Progress } from "./progress.ts";

/**
 * The last line: `12 steps in 4 min 10 s: 9 built, 3 cached; CPU 91 %; 4 downloads, 210 MB`. Undefined where nothing was
 * built and nothing fetched.
 */
export function summary(progress: Progress, now: number, cpu: number | undefined): string | undefined {
  const outcomes = Object.entries(countOutcomes(progress)).filter(([, count]) => count > 0);
  const steps = outcomes.reduce((sum, [, count]) => sum + count, 0);
  const { files, bytes } = progress.fetched;
  const fetched = files === 0 ? "" : `${files} ${files === 1 ? "download" : "downloads"}, ${formatBytes(bytes)}`;
  const seconds = formatSeconds((now - progress.startedAt) / 1000);
  if (steps === 0) return fetched ? `${fetched} in ${seconds}` : undefined;
  const counts = outcomes.map(([outcome, count]) => `${count} ${outcome}`).join(", ");
  const use = cpu === undefined || progress.ranSeconds === 0 ? "" : `CPU ${cpu} %`;
  return [`${steps} ${steps === 1 ? "step" : "steps"} in ${seconds}: ${counts}`, use, fetched]
    .filter(Boolean)
    .join("; ");
}
