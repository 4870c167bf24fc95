import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { paint } from "./ansi.ts";
import { advance, openProgress } from "./progress.ts";
import { statusLines, terminalRenderer } from "./terminal-renderer.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const size = { columns: 40, rows: 10 };

it("shows what runs with its time, what is left and the CPU, cut to the terminal", () => {
  const progress = openProgress(0);
  advance(progress, { type: "plan", total: 20 }, 0);
  advance(progress, { type: "step-start", step: "gcc", at: "", expectedSeconds: 1500 }, 0);
  for (let index = 0; index < 9; index++)
    advance(progress, { type: "step-start", step: `a-component-with-a-long-name-${index}`, at: "" }, 0);
  const lines = statusLines(progress, 90_000, 88, size, paint(false));
  expect(lines[0]).toMatch(/^0 of 20 steps {2}\| {2}about/);
  expect(lines[1]).toBe("  gcc  1 min 30 s of about 25 min");
  expect(lines.at(-1)).toBe("  and 4 more");
  expect(lines.length).toBeLessThan(size.rows);
  expect(lines.every((line) => line.length < size.columns)).toBe(true);
});

it("draws in one write that overwrites in place, and leaves nothing but the result behind", () => {
  const writes: string[] = [];
  const renderer = terminalRenderer({ write: (text) => void writes.push(text), size: () => size, colour: false });
  renderer.emit({ type: "plan", total: 2 });
  renderer.emit({ type: "step-start", step: "zlib", at: "" });
  vi.advanceTimersByTime(1_000);
  renderer.emit({ type: "step-end", step: "zlib", outcome: "built", seconds: 1 });
  const before = writes.length;
  renderer[Symbol.dispose]();
  renderer.emit({ type: "note", message: "too late" });
  vi.advanceTimersByTime(1_000);
  expect(writes.length).toBe(before + 1);
  expect(screen(writes.join(""))).toEqual(["built zlib 1.0 s", expect.stringMatching(/^1 step in 1\.0 s: 1 built/)]);
});

it("writes no colour where none is wanted, nor what a message brings", () => {
  const writes: string[] = [];
  const renderer = terminalRenderer({ write: (text) => void writes.push(text), size: () => size, colour: false });
  renderer.emit({ type: "warning", message: "The \x1b[31mmirror\x1b[0m is \x9b2Jslow", code: "MIRROR_SLOW" });
  renderer[Symbol.dispose]();
  expect(screen(writes.join(""))).toEqual(["warning: The mirror is slow [MIRROR_SLOW]"]);
});

/** What a terminal shows after this output; knows only what the renderer uses. */
function screen(output: string): string[] {
  const lines: string[] = [""];
  let row = 0;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escapes are what is interpreted
  for (const [token] of output.matchAll(/\x1b\[(\d*)[A-Za-z]|\r|\n|[^\x1b\r\n]+/g)) {
    if (token === "\n") lines[++row] ??= "";
    else if (token === "\x1b[J") lines.length = row + 1;
    else if (token.startsWith("\x1b[") && token.endsWith("A")) row -= Number(token.slice(2, -1));
    else if (!token.startsWith("\x1b") && token !== "\r") lines[row] = token;
  }
  return lines.filter((line) => line !== "");
}
