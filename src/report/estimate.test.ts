import { expect, it } from "vitest";
import type { Event } from "../base/mod.ts";
import { remainingSeconds } from "./estimate.ts";
import { advance, openProgress } from "./progress.ts";

const plan = (total: number, expected?: Record<string, number>): Event => ({
  type: "plan",
  total,

  ...(expected === undefined ? {} : { expected }),
});
const start = (step: string, expectedSeconds?: number) =>
  ({ type: "step-start", step, at: "", ...(expectedSeconds === undefined ? {} : { expectedSeconds }) }) as const;
const end = (step: string, seconds: number, outcome: "built" | "cached" = "built") =>
  ({ type: "step-end", step, outcome, seconds }) as const;

it("knows nothing before anything was planned or took time", () => {
  const progress = openProgress(0);
  expect(remainingSeconds(progress, 1000)).toBeUndefined();
  advance(progress, plan(3), 0);
  expect(remainingSeconds(progress, 1000)).toBeUndefined();
});

it("weighs steps by what they took before: a long one counts more than many short ones", () => {
  const progress = openProgress(0);
  advance(progress, plan(3, { gcc: 1000, zlib: 10, xz: 10 }), 0);
  advance(progress, start("zlib", 10), 0);
  advance(progress, end("zlib", 10), 10_000);
  advance(progress, start("gcc", 1000), 10_000);
  expect(remainingSeconds(progress, 20_000)).toBeCloseTo(1000, 0);
});

it("takes the mean of what is known for steps that never ran here", () => {
  const progress = openProgress(0);
  advance(progress, plan(4), 0);
  advance(progress, start("a"), 0);
  advance(progress, end("a", 20), 20_000);
  expect(remainingSeconds(progress, 20_000)).toBeCloseTo(60, 5);
});

it("spreads the work over as many steps as run at a time, but not below the longest", () => {
  const progress = openProgress(0);
  advance(progress, plan(6, { c: 10, d: 10, e: 10, f: 10 }), 0);
  for (const step of ["a", "b"]) advance(progress, start(step, 20), 0);
  expect(remainingSeconds(progress, 10_000)).toBeCloseTo((10 + 10 + 40) / 2, 5);

  const lopsided = openProgress(0);
  advance(lopsided, plan(2), 0);
  advance(lopsided, start("long", 100), 0);
  advance(lopsided, start("short", 20), 0);
  expect(remainingSeconds(lopsided, 10_000)).toBe(90);
});

it("does not run below zero for a step that takes longer than it did before", () => {
  const progress = openProgress(0);
  advance(progress, plan(1), 0);
  advance(progress, start("a", 10), 0);
  expect(remainingSeconds(progress, 100_000)).toBe(10);
});

it("leaves out what turns out to be in the store", () => {
  const progress = openProgress(0);
  advance(progress, plan(2, { gcc: 1000, zlib: 10 }), 0);
  advance(progress, end("gcc", 0, "cached"), 0);
  expect(remainingSeconds(progress, 1)).toBeCloseTo(10, 5);
});
