import { expect, it } from "vitest";
import { openCpuMeter } from "./cpu-meter.ts";

it("gives the share since the last call", () => {
  const samples = [
    "cpu  0 0 0 100 0 0 0 0 0 0\ncpu0 …",
    "cpu  80 0 10 105 5 0 0 0 0 0",
    "cpu  80 0 10 205 5 0 0 0 0 0",
  ];
  const meter = openCpuMeter(() => samples.shift() ?? "");
  expect(meter()).toBe(90);
  expect(meter()).toBe(0);
});

it("says nothing where /proc/stat can't be read", () => {
  const meter = openCpuMeter(() => {
    throw new Error("no /proc");
  });
  expect(meter()).toBeUndefined();
});
