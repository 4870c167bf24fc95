import { type Event, plainText } from "../base/mod.ts";
import { cut, type Paint, paint } from "./ansi.ts";
import { openCpuMeter } from "./cpu-meter.ts";
import { remainingSeconds } from "./estimate.ts";
import { formatAbout, formatSeconds, formatTransfer } from "./format.ts";
import { advance, describeCounts, openProgress, type Progress } from "./progress.ts";
import type { Renderer, Write } from "./renderer.ts";
import { summary } from "./summary.ts";

export interface Terminal {
  write: Write;
  /** Asked before each drawing, since a terminal can be resized. */
  size(): { columns: number; rows: number };
  colour: boolean;
}

const drawMilliseconds = 200;
const cpuMilliseconds = 2_000;

/**
 * What has happened scrolls by, what is running stands below it and is drawn anew five times a second. Each drawing is one
 * write that overwrites in place and erases only what is left over, so nothing flickers.
 */
export function terminalRenderer(terminal: Terminal): Renderer {
  const colours = paint(terminal.colour);
  const progress = openProgress(performance.now());
  const wholeCpu = openCpuMeter();
  const recentCpu = openCpuMeter();
  let cpu: number | undefined;
  let cpuAt = performance.now();
  let drawn = 0;
  let open = true;

  const draw = (above: string[], status: string[]): void => {
    if (above.length + status.length + drawn === 0) return;
    const up = drawn > 0 ? `\x1b[${drawn}A\r` : "";
    const lines = [...above, ...status].map((line) => `${line}\x1b[K\n`).join("");
    terminal.write(`${up}${lines}\x1b[J`);
    drawn = status.length;
  };
  const status = (): string[] => {
    const now = performance.now();
    if (now - cpuAt > cpuMilliseconds) {
      cpu = recentCpu();
      cpuAt = now;
    }
    return statusLines(progress, now, cpu, terminal.size(), colours);
  };

  const timer = setInterval(() => draw([], status()), drawMilliseconds);
  timer.unref();
  return {
    emit: (event) => {
      if (!open) return;
      advance(progress, event, performance.now());
      const line = permanentLine(event, colours);
      if (line !== undefined) draw(line.split("\n"), status());
    },
    [Symbol.dispose]: () => {
      if (!open) return;
      open = false;
      clearInterval(timer);
      const line = summary(progress, performance.now(), wholeCpu());
      draw(line === undefined ? [] : [colours.dim(line)], []);
    },
  };
}

/** The lines of what is running, never more than fit, each cut to the terminal's width. */
export function statusLines(
  progress: Progress,
  now: number,
  cpu: number | undefined,
  { columns, rows }: { columns: number; rows: number },
  { bold, dim }: Paint,
): string[] {
  const steps = [...progress.running].map(([id, { startedAt, expectedSeconds }]) => {
    const expected = expectedSeconds === undefined ? "" : ` of about ${formatAbout(expectedSeconds)}`;
    return `  ${id}  ${formatSeconds((now - startedAt) / 1000)}${expected}`;
  });
  const fetches = [...progress.fetching].map(
    ([name, { received, bytes }]) => `  ${name}  ${formatTransfer(received, bytes)}`,
  );
  const running = [...steps, ...fetches];
  const left = remainingSeconds(progress, now);
  const head = [
    describeCounts(progress),
    left === undefined || running.length === 0 ? "" : `about ${formatAbout(left)} left`,
    progress.fetching.size > 0 ? `${progress.fetching.size} transfers` : "",
    cpu === undefined ? "" : `CPU ${cpu} %`,
  ].filter(Boolean);
  if (head.length === 0 && running.length === 0) return [];

  const room = Math.max(1, Math.min(12, rows - 3));
  const shown = running.slice(0, running.length > room ? room - 1 : room);
  const more = running.length - shown.length;
  const width = columns - 1;
  return [
    bold(cut(head.join("  |  ") || "Working", width)),
    ...shown.map((line) => cut(line, width)),
    ...(more > 0 ? [dim(cut(`  and ${more} more`, width))] : []),
  ];
}

function permanentLine(event: Event, { green, red, yellow, dim }: Paint): string | undefined {
  switch (event.type) {
    case "step-end":
      if (event.outcome === "cached") return undefined;
      return `${event.outcome === "failed" ? red("failed") : green(event.outcome)} ${event.step} ${dim(formatSeconds(event.seconds))}`;
    case "note":
      return plainText(event.message);
    case "warning":
      return `${yellow("warning:")} ${plainText(event.message)} ${dim(`[${event.code}]`)}`;
    default:
      return undefined;
  }
}
