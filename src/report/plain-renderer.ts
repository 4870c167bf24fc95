import { type Event, plainText } from "../base/mod.ts";
import { type CpuMeter, openCpuMeter } from "./cpu-meter.ts";
import { remainingSeconds } from "./estimate.ts";
import { formatAbout, formatSeconds, formatTransfer } from "./format.ts";
import { advance, describeCounts, openProgress, type Progress } from "./progress.ts";
import type { Renderer, Write } from "./renderer.ts";
import { summary } from "./summary.ts";

const heartbeatMilliseconds = 30_000;

/** Lines for a log file or a CI: begin and end of each step, and every 30 s what is running. */
export function plainRenderer(
  write: Write,
  cpu: CpuMeter = openCpuMeter(),
  wholeCpu: CpuMeter = openCpuMeter(),
): Renderer {
  const progress = openProgress(performance.now());
  const heartbeat = setInterval(() => {
    const line = describeRunning(progress, performance.now(), cpu());
    if (line) write(`${line}\n`);
  }, heartbeatMilliseconds);
  heartbeat.unref();
  let open = true;
  return {
    emit: (event) => {
      if (!open) return;
      advance(progress, event, performance.now());
      const line = describe(event, progress);
      if (line) write(`${line}\n`);
    },
    [Symbol.dispose]: () => {
      if (!open) return;
      open = false;
      clearInterval(heartbeat);
      const line = summary(progress, performance.now(), wholeCpu());
      if (line) write(`${line}\n`);
    },
  };
}

function describe(event: Event, progress: Progress): string | undefined {
  switch (event.type) {
    case "plan":
      if (event.total === 0) return undefined;
      return `plan: ${event.total} steps`;
    case "step-start":
      return `start: ${event.step}${event.expectedSeconds === undefined ? "" : ` (took ${formatSeconds(event.expectedSeconds)} before)`}`;
    case "step-end":
      if (event.outcome === "cached") return undefined;
      return `${event.outcome}: ${event.step} in ${formatSeconds(event.seconds)} (${describeCounts(progress)})`;
    case "fetch-end":
      return `fetched: ${event.name} from ${event.from}`;
    case "send-end":
      return `sent: ${event.name} to ${event.to}`;
    case "note":
      return plainText(event.message);
    case "warning":
      return `warning: ${plainText(event.message)} [${event.code}]`;
    case "fetch-start":
    case "fetch-progress":
    case "fetch-failed":
    case "send-start":
    case "send-progress":
    case "send-failed":
      return undefined;
  }
}

function describeRunning(progress: Progress, now: number, cpu: number | undefined): string | undefined {
  const steps = [...progress.running].map(([id, { startedAt }]) => `${id} ${formatSeconds((now - startedAt) / 1000)}`);
  const fetches = [...progress.fetching].map(
    ([name, { received, bytes }]) => `${name} ${formatTransfer(received, bytes)}`,
  );
  if (steps.length + fetches.length === 0) return undefined;
  const left = remainingSeconds(progress, now);
  return [
    `running: ${[...steps, ...fetches].join("; ")}`,
    describeCounts(progress),
    left === undefined ? "" : `about ${formatAbout(left)} left`,
    cpu === undefined ? "" : `CPU ${cpu} %`,
  ]
    .filter(Boolean)
    .join(" | ");
}
