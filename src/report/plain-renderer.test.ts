import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { plainRenderer } from "./plain-renderer.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it("prints the begin and end of each step, and every 30 s what is running", () => {
  let text = "";
  const renderer = plainRenderer(
    (more) => {
      text += more;
    },
    () => 97,
    () => 91,
  );
  const { emit } = renderer;
  emit({ type: "plan", total: 4 });
  emit({ type: "step-end", step: "musl", outcome: "cached", seconds: 0 });
  emit({ type: "fetch-start", name: "linux", bytes: 150_000_000 });
  emit({ type: "fetch-progress", name: "linux", received: 1_000_000, bytes: 150_000_000 });
  emit({ type: "fetch-start", name: "xz", bytes: 1_000_000 });
  emit({ type: "fetch-failed", name: "xz" });
  emit({ type: "step-start", step: "zlib", at: "recipes/zlib/recipe.ts:4", expectedSeconds: 40 });
  vi.advanceTimersByTime(31_000);
  emit({ type: "fetch-end", name: "linux", from: "https://example.org/linux.tar.xz" });
  emit({ type: "step-end", step: "zlib", outcome: "built", seconds: 35.2 });
  emit({ type: "warning", message: "The \x1b[31mmirror\x1b[0m is \x9b2Jslow", code: "MIRROR_SLOW" });
  emit({ type: "step-start", step: "xz", at: "recipes/xz/recipe.ts:4" });
  emit({ type: "step-end", step: "xz", outcome: "failed", seconds: 1.04 });
  renderer[Symbol.dispose]();
  emit({ type: "note", message: "too late" });
  vi.advanceTimersByTime(60_000);

  expect(text).toBe(`plan: 4 steps
start: zlib (took 40 s before)
running: zlib 30 s; linux 1.00 MB of 150 MB | 1 of 4 steps, 1 cached | about 2 min left | CPU 97 %
fetched: linux from https://example.org/linux.tar.xz
built: zlib in 35 s (2 of 4 steps, 1 cached)
warning: The mirror is slow [MIRROR_SLOW]
start: xz
failed: xz in 1.0 s (3 of 4 steps, 1 cached, 1 failed)
3 steps in 31 s: 1 built, 1 cached, 1 failed; CPU 91 %; 1 download, 150 MB
`);
});

it("says nothing of a command that builds and fetches nothing", () => {
  let text = "";
  const renderer = plainRenderer((more) => {
    text += more;
  });
  vi.advanceTimersByTime(100_000);
  renderer[Symbol.dispose]();
  expect(text).toBe("");
});
