import type { Event } from "../base/mod.ts";

/** Where a command stands, gathered from its events. Times are milliseconds of a monotonic clock. */
export interface Progress {
  startedAt: number;
  /** Steps of the plan; 0 before there is one. */
  total: number;
  /** Steps that had ended when the plan was made, of an earlier plan. */
  doneBefore: number;
  /** Seconds that steps of the plan took before, of those not begun yet. */
  waiting: Map<string, number>;
  outcomes: { built: number; cached: number; imported: number; failed: number };
  /** Of the plan, where that was known before. */
  cachedInPlan: number;
  running: Map<string, { startedAt: number; expectedSeconds: number | undefined }>;
  fetching: Map<string, { received: number; bytes: number }>;
  /** Durations of the steps that were really run. */
  ranSeconds: number;
  /** Steps begun whose duration was known from an earlier build, and the sum of what was expected of them. */
  expected: { steps: number; seconds: number };
}

export function openProgress(now: number): Progress {
  return {
    startedAt: now,
    total: 0,
    doneBefore: 0,
    waiting: new Map(),
    outcomes: { built: 0, cached: 0, imported: 0, failed: 0 },
    cachedInPlan: 0,
    running: new Map(),
    fetching: new Map(),
    ranSeconds: 0,
    expected: { steps: 0, seconds: 0 },
  };
}

/** Takes one event into account. A second plan takes the place of the first. */
export function advance(progress: Progress, event: Event, now: number): void {
  switch (event.type) {
    case "plan":
      progress.doneBefore = endedSteps(progress);
      progress.total = event.total;
      progress.cachedInPlan = event.cached;
      progress.waiting = new Map(Object.entries(event.expected ?? {}));
      return;
    case "step-start":
      progress.waiting.delete(event.step);
      progress.running.set(event.step, { startedAt: now, expectedSeconds: event.expectedSeconds });
      if (event.expectedSeconds !== undefined) {
        progress.expected.steps++;
        progress.expected.seconds += event.expectedSeconds;
      }
      return;
    case "step-end":
      progress.waiting.delete(event.step);
      progress.running.delete(event.step);
      progress.outcomes[event.outcome]++;
      if (event.outcome === "built" || event.outcome === "failed") progress.ranSeconds += event.seconds;
      return;
    case "fetch-start":
      progress.fetching.set(event.name, { received: 0, bytes: event.bytes });
      return;
    case "fetch-progress":
      progress.fetching.set(event.name, { received: event.received, bytes: event.bytes });
      return;
    case "fetch-end":
      progress.fetching.delete(event.name);
      return;
  }
}

/** Steps of the current plan that need nothing more. */
export function doneSteps(progress: Progress): number {
  return Math.max(progress.cachedInPlan, endedSteps(progress) - progress.doneBefore);
}

/** `4 of 12 steps, 3 cached`. Empty without a plan. */
export function describeCounts(progress: Progress): string {
  if (progress.total === 0) return "";
  const { cached, imported, failed } = progress.outcomes;
  return [
    `${doneSteps(progress)} of ${Math.max(progress.total, doneSteps(progress))} steps`,
    cached > 0 ? `${cached} cached` : "",
    imported > 0 ? `${imported} imported` : "",
    failed > 0 ? `${failed} failed` : "",
  ]
    .filter(Boolean)
    .join(", ");
}

function endedSteps({ outcomes }: Progress): number {
  return outcomes.built + outcomes.cached + outcomes.imported + outcomes.failed;
}
