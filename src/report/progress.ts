import type { Event } from "../base/mod.ts";

type Outcome = Extract<Event, { type: "step-end" }>["outcome"];

/** Where a command stands, gathered from its events. Times are milliseconds of a monotonic clock. */
export interface Progress {
  startedAt: number;
  /** Steps of the plan; 0 before there is one. */
  total: number;
  /** Seconds that steps of the plan took before, of those not begun yet. */
  waiting: Map<string, number>;
  /** How steps ended, of all plans. One that was in the store and had to be run all the same counts as run. */
  outcomes: Map<string, Outcome>;
  /** Steps of the current plan that have ended. */
  ended: Set<string>;
  /** Of the plan, where that was known before. */
  running: Map<string, { startedAt: number; expectedSeconds: number | undefined }>;
  /** Transfers under way, in either direction. */
  fetching: Map<string, { received: number; bytes: number }>;
  fetched: { files: number; bytes: number };
  sent: { files: number; bytes: number };
  /** Durations of the steps that were really run. */
  ranSeconds: number;
  /** Steps begun whose duration was known from an earlier build, and the sum of what was expected of them. */
  expected: { steps: number; seconds: number };
}

export function openProgress(now: number): Progress {
  return {
    startedAt: now,
    total: 0,
    waiting: new Map(),
    outcomes: new Map(),
    ended: new Set(),
    running: new Map(),
    fetching: new Map(),
    fetched: { files: 0, bytes: 0 },
    sent: { files: 0, bytes: 0 },
    ranSeconds: 0,
    expected: { steps: 0, seconds: 0 },
  };
}

/** Takes one event into account. A second plan takes the place of the first. */
export function advance(progress: Progress, event: Event, now: number): void {
  switch (event.type) {
    case "plan":
      progress.ended.clear();
      progress.total = event.total;
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
      progress.ended.add(event.step);
      if (event.outcome !== "cached" || !progress.outcomes.has(event.step))
        progress.outcomes.set(event.step, event.outcome);
      if (event.outcome === "built" || event.outcome === "failed") progress.ranSeconds += event.seconds;
      return;
    case "fetch-start":
    case "send-start":
      progress.fetching.set(event.name, { received: 0, bytes: event.bytes });
      return;
    case "fetch-progress":
      progress.fetching.set(event.name, { received: event.received, bytes: event.bytes });
      return;
    case "send-progress":
      progress.fetching.set(event.name, { received: event.sent, bytes: event.bytes });
      return;
    case "fetch-end":
    case "send-end": {
      const count = event.type === "fetch-end" ? progress.fetched : progress.sent;
      count.files++;
      count.bytes += sizeOf(progress.fetching.get(event.name));
      progress.fetching.delete(event.name);
      return;
    }
    case "fetch-failed":
    case "send-failed":
      progress.fetching.delete(event.name);
      return;
  }
}

/** The size of a fetch is not always known before. */
function sizeOf(fetch: { received: number; bytes: number } | undefined): number {
  return Math.max(fetch?.received ?? 0, fetch?.bytes ?? 0);
}

/** Steps of the current plan that need nothing more. */
export function doneSteps(progress: Progress): number {
  return progress.ended.size;
}

export function countOutcomes({ outcomes }: Progress): Record<Outcome, number> {
  const count = (wanted: Outcome): number => [...outcomes.values()].filter((outcome) => outcome === wanted).length;
  return {
    built: count("built"),
    imported: count("imported"),
    exported: count("exported"),
    cached: count("cached"),
    failed: count("failed"),
  };
}

/** `4 of 12 steps, 3 cached`. Empty without a plan. */
export function describeCounts(progress: Progress): string {
  if (progress.total === 0) return "";
  const { cached, imported, failed } = countOutcomes(progress);
  return [
    `${doneSteps(progress)} of ${progress.total} steps`,
    cached > 0 ? `${cached} cached` : "",
    imported > 0 ? `${imported} imported` : "",
    failed > 0 ? `${failed} failed` : "",
  ]
    .filter(Boolean)
    .join(", ");
}
