import { describe, expect, it } from "vitest";
import type { Graph, Step } from "../graph/mod.ts";
import { closure, rankSteps } from "./closure.ts";

/** From `name: its needs`, in topological order. */
function graph(needs: Record<string, string[]>): Graph {
  const steps = Object.entries(needs).map(([id, list]): [string, Step] => [
    id,
    { id, at: "", script: "", env: {}, inputs: list.map((step) => ({ kind: "step", step, mount: "/sysroot" })) },
  ]);
  return { arch: "x86_64", steps: new Map(steps) };
}

const diamond = graph({ a: [], b: ["a"], c: ["a"], d: ["b", "c"], e: ["c"] });

describe("closure", () => {
  it("holds the wanted steps and all they need, in the graph's order", () => {
    expect([...closure(diamond, ["d"]).keys()]).toEqual(["a", "b", "c", "d"]);
    expect([...closure(diamond, ["e", "b"]).keys()]).toEqual(["a", "b", "c", "e"]);
  });

  it("an unknown step is refused by name", () => {
    expect(() => closure(diamond, ["z"])).toThrow(
      expect.objectContaining({ kind: "usage", code: "STEP_UNKNOWN", message: expect.stringContaining('"z"') }),
    );
  });
});

describe("rankSteps", () => {
  it("gives the seconds to the end of the longest chain that waits", () => {
    const ranks = rankSteps(diamond.steps, new Map(Object.entries({ a: 1, b: 10, c: 100, d: 1000, e: 5 })));
    expect(Object.fromEntries(ranks)).toEqual({ a: 1101, b: 1010, c: 1100, d: 1000, e: 5 });
  });
});
