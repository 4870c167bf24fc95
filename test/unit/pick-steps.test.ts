import { describe, expect, it } from "vitest";
import { pickSteps } from "../reproducible/pick-steps.ts";

const times = { ...Object.fromEntries([..."abcdefgh"].map((id) => [id, 10])), gcc: 1298, "cloud:root": 3, gone: 2 };
const steps = new Set(Object.keys(times).filter((id) => id !== "gone"));

describe("the steps that the gate runs again", () => {
  it("are three, the same for everybody, and other ones for another commit", () => {
    const picked = Array.from({ length: 40 }, (_, commit) => pickSteps(String(commit), times, steps));
    expect(picked.every((three) => new Set(three).size === 3)).toBe(true);
    expect(pickSteps("7", Object.fromEntries(Object.entries(times).reverse()), steps)).toEqual(picked[7]);
    expect(new Set(picked.flat())).toEqual(new Set("abcdefgh"));
  });

  it("are components that are there and quick", () => {
    const picked = Array.from({ length: 40 }, (_, commit) => pickSteps(String(commit), times, steps)).flat();
    expect(picked.filter((id) => ["gcc", "cloud:root", "gone"].includes(id))).toEqual([]);
  });
});
