import { formatBytes, formatSeconds } from "./format.ts";
import { countOutcomes, type Progress } from "./progress.ts";

/**
 * The last line: `12 steps in 4 min 10 s: 9 built, 3 cached; CPU 91 %; 4 downloads, 210 MB`. Undefined where nothing was
 * built and nothing moved.
 */
export function summary(progress: Progress, now: number, cpu: number | undefined): string | undefined {
  const outcomes = Object.entries(countOutcomes(progress)).filter(([, count]) => count > 0);
  const steps = outcomes.reduce((sum, [, count]) => sum + count, 0);
  const moved = [counted(progress.fetched, "download"), counted(progress.sent, "upload")].filter(Boolean).join("; ");
  const seconds = formatSeconds((now - progress.startedAt) / 1000);
  if (steps === 0) return moved ? `${moved} in ${seconds}` : undefined;
  const counts = outcomes.map(([outcome, count]) => `${count} ${outcome}`).join(", ");
  const use = cpu === undefined || progress.ranSeconds === 0 ? "" : `CPU ${cpu} %`;
  return [`${steps} ${steps === 1 ? "step" : "steps"} in ${seconds}: ${counts}`, use, moved].filter(Boolean).join("; ");
}

function counted({ files, bytes }: { files: number; bytes: number }, noun: string): string {
  return files === 0 ? "" : `${files} ${files === 1 ? noun : `${noun}s`}, ${formatBytes(bytes)}`;
}
