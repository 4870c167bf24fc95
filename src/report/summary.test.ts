import { expect, it } from "vitest";
import type { Event } from "../base/mod.ts";
import { advance, openProgress } from "./progress.ts";
import { summary } from "./summary.ts";

function after(...events: Event[]): string | undefined {
  const progress = openProgress(0);
  for (const event of events) advance(progress, event, 1000);
  return summary(progress, 250_000, 91);
}
const end = (step: string, outcome: "built" | "cached", seconds = 0): Event => ({
  type: "step-end",
  step,
  outcome,
  seconds,
});

it("says what came of the steps", () => {
  expect(after(end("a", "built", 200), end("b", "cached"))).toBe("2 steps in 4 min 10 s: 1 built, 1 cached; CPU 91 %");
  expect(after(end("b", "cached"))).toBe("1 step in 4 min 10 s: 1 cached");
});

it("counts a step once that was in the store and had to be run all the same, and steps of a second plan", () => {
  const plan: Event = { type: "plan", total: 2 };
  const text = after(plan, end("a", "cached"), end("a", "built", 9), plan, end("a", "cached"), end("b", "built", 9));
  expect(text).toBe("2 steps in 4 min 10 s: 2 built; CPU 91 %");
});

it("says what was fetched", () => {
  const fetched: Event[] = [
    { type: "fetch-start", name: "zlib", bytes: 1_500_000 },
    { type: "fetch-end", name: "zlib", from: "https://example.org" },
  ];
  expect(after(...fetched)).toBe("1 download, 1.50 MB in 4 min 10 s");
});

it("says nothing where nothing happened", () => {
  expect(after()).toBeUndefined();
});
