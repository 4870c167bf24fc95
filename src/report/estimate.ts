import { countOutcomes, doneSteps, type Progress } from "./progress.ts";

/**
 * Seconds until all steps are done, or undefined while nothing is known. Running steps count with what an earlier build
 * took, minus what has passed; steps not begun likewise, or with the mean of what is known; and the sum is spread over as many steps
 * as ran at a time so far. It can't be less than what the longest running step still needs.
 */
export function remainingSeconds(progress: Progress, now: number): number | undefined {
  if (progress.total === 0) return undefined;
  const { built, failed } = countOutcomes(progress);
  const ran = built + failed;
  const runningSeconds = [...progress.running.values()].map((step) => (now - step.startedAt) / 1000);
  const ahead = [...progress.waiting.values()];
  const known = ran + progress.expected.steps + ahead.length;
  if (known === 0) return undefined;
  const mean = (progress.ranSeconds + progress.expected.seconds + sum(ahead)) / known;

  const ofRunning = [...progress.running.values()].map((step, index) => {
    const passed = runningSeconds[index] ?? 0;
    // A step that takes longer than expected is taken to need a tenth more than it already had.
    return Math.max((step.expectedSeconds ?? mean) - passed, passed / 10);
  });
  const unknown = Math.max(0, progress.total - doneSteps(progress) - progress.running.size - ahead.length);
  const work = sum(ofRunning) + sum(ahead) + unknown * mean;

  const wall = Math.max((now - progress.startedAt) / 1000, 1e-3);
  const atATime = Math.max(1, (progress.ranSeconds + sum(runningSeconds)) / wall);
  return Math.max(work / atATime, ...ofRunning);
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
