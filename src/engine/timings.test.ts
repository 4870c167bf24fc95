import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readTimings, recordTiming } from "./timings.ts";

describe("timings", () => {
  it("remember what each step took last, also where several end at once", async () => {
    await using cache = await mkdtempDisposable(join(tmpdir(), "hadron-timings-"));
    await Promise.all(
      ["made-up-a", "made-up-b", "made-up-c"].map((step, index) => recordTiming(cache.path, step, index)),
    );
    await recordTiming(cache.path, "made-up-a", 9);
    const timings = await readTimings(cache.path);
    expect(["made-up-a", "made-up-b", "made-up-c"].map((step) => timings.get(step))).toEqual([9, 1, 2]);
  });

  it("that cannot be read or written do no harm", async () => {
    await using cache = await mkdtempDisposable(join(tmpdir(), "hadron-timings-"));
    await writeFile(join(cache.path, "timings.json"), "{ damaged");
    expect((await readTimings(cache.path)).get("made-up")).toBeUndefined();
    await recordTiming("/sys/nonexistent", "made-up", 1);
    await recordTiming(cache.path, "made-up", 1);
    expect((await readTimings(cache.path)).get("made-up")).toBe(1);
  });
});
