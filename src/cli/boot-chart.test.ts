import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { bootTimesScript, type ShellResult, type Vm, watchBoot } from "../vm/mod.ts";
import { drawBootChart, renderBootChart } from "./boot-chart.ts";

let work: string;
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), "hadron-chart-"));
});
afterEach(() => rmSync(work, { recursive: true }));

const times =
  "InitRDTimestampMonotonic=1000000\nUserspaceTimestampMonotonic=3000000\nFinishTimestampMonotonic=7250000\n";

const options = { watch: watchBoot(), signal: new AbortController().signal };

/** A guest that answers scripts from a table. */
function guest(answers: Record<string, Partial<ShellResult>>): Vm {
  const sh = async (script: string) => ({ status: 0, stdout: "", stderr: "", ...answers[script] });
  return {
    sh,
    waitForReport: async () => 10,
    powerdown: async () => ({ code: 0, reason: "poweroff" }),
  } as unknown as Vm;
}

it("brings the plot out, says how long each part took, and powers off", async () => {
  const path = join(work, "boot.svg");
  const vm = guest({ [bootTimesScript]: { stdout: times }, "systemd-analyze plot": { stdout: "<svg></svg>\n" } });
  const result = await drawBootChart(vm, path, options);
  expect(result).toEqual({
    chart: path,
    seconds: { kernel: 1, initrd: 2, userspace: 4.25, total: 7.25 },
    code: 0,
    reason: "poweroff",
  });
  expect(readFileSync(path, "utf8")).toBe("<svg></svg>\n");
  expect(renderBootChart(result)).toContain("userspace            4.25 s\n");
});

it("writes nothing where the guest can't draw", async () => {
  const path = join(work, "boot.svg");
  const vm = guest({
    [bootTimesScript]: { stdout: times },
    "systemd-analyze plot": { status: 127, stderr: "not found" },
  });
  await expect(drawBootChart(vm, path, options)).rejects.toMatchObject({ code: "BOOT_CHART" });
  expect(existsSync(path)).toBe(false);
});
