import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { cacheRoot } from "../../../src/base/mod.ts";
import { removeTree } from "../../../src/engine/mod.ts";
import { aroundElsewhere, cpuList, otherCount, toolboxElsewhere } from "../../reproducible/elsewhere.ts";
import { openWorkbench, realToolbox, step } from "./workbench.ts";

/** What a program of the toolbox sees, and what the kernel lets the step use. */
const look = step(
  "look",
  [
    "date +%s; nproc; echo $JOBS",
    "python3 -c 'import os, time; print(int(time.time()), os.cpu_count())'",
    "sed -n 's/^Cpus_allowed_list:\\t//p' /proc/self/status",
    "touch /build/new; stat -c %Y /build/new; echo $SOURCE_DATE_EPOCH",
  ]
    .map((line) => `{ ${line}; } >> /out/seen\n`)
    .join(""),
);

it("a step that is run again elsewhere sees another clock, other CPUs and jobs, by the same key", async () => {
  const folder = join(cacheRoot(), "elsewhere-look");
  await using bench = await openWorkbench();
  const here = (await bench.build([look])).get("look");
  const toolbox = await toolboxElsewhere(await realToolbox(), folder);
  const [cpu = 0] = cpuList(await readFile("/proc/self/status", "utf8"));
  const around = aroundElsewhere(new Map(), [cpu]);
  const elsewhere = (await bench.build([look], ["look"], { toolbox, around, rebuild: () => true })).get("look");
  await removeTree(folder);
  const seen = async (path = "") => (await readFile(join(path, "seen"), "utf8")).trim().split(/\s+/).map(Number);
  const [before, after] = [await seen(here?.path), await seen(elsewhere?.path)];
  expect(elsewhere?.key).toBe(here?.key);
  const days = ((after[0] ?? 0) - (before[0] ?? 0)) / 86_400;
  expect(days).toBeGreaterThan(400);
  expect(days).toBeLessThan(401);
  const many = otherCount;
  expect(after.slice(1)).toEqual([
    many,
    many,
    expect.closeTo(after[0] ?? 0, -2),
    many,
    cpu,
    expect.any(Number),
    before.at(-1),
  ]);
  // Times of files are the kernel's.
  expect(after.at(-2)).toBeLessThan((after[0] ?? 0) - 399 * 86_400);
});
