import { expect, it } from "vitest";
import { bootTimesScript, parseBootTimes, watchBoot } from "./boot-times.ts";
import type { Vm } from "./vm.ts";

it("splits a boot the way systemd-analyze does", () => {
  const text = [
    "FirmwareTimestampMonotonic=3500000",
    "LoaderTimestampMonotonic=1500000",
    "InitRDTimestampMonotonic=2000000",
    "UserspaceTimestampMonotonic=5000000",
    "FinishTimestampMonotonic=9500000",
    "",
  ].join("\n");
  const parts = { firmware: 2, loader: 1.5, kernel: 2, initrd: 3, userspace: 4.5, total: 9.5 };
  expect(parseBootTimes(text)).toEqual(parts);
  for (const line of text.trim().split("\n")) expect(bootTimesScript).toContain(`-p ${line.split("=")[0]}`);
});

it("leaves out what nobody told", () => {
  const text = "FirmwareTimestampMonotonic=0\nUserspaceTimestampMonotonic=4000000\nFinishTimestampMonotonic=6000000\n";
  expect(parseBootTimes(text)).toEqual({ kernel: 4, userspace: 2, total: 6 });
});

it("refuses a boot that is still going on", () => {
  expect(() => parseBootTimes("UserspaceTimestampMonotonic=4000000\nFinishTimestampMonotonic=0\n")).toThrow(
    "not finished booting",
  );
});

it("tells firmware and loader from outside where the guest can't", async () => {
  let clock = 100;
  const watch = watchBoot(() => clock);
  const answers: Record<string, string> = {
    [bootTimesScript]: "UserspaceTimestampMonotonic=4000000\nFinishTimestampMonotonic=6000000\n",
  };
  const vm = {
    waitForReport: async () => 8.5,
    sh: async (script: string) => ({ status: 0, stdout: answers[script] ?? "", stderr: "" }),
  } as unknown as Vm;
  watch.poweredOn();
  clock = 102;
  watch.onConsoleLine('BdsDxe: loading Boot0001 "disk"');
  watch.onConsoleLine('BdsDxe: starting Boot0001 "disk"');
  clock = 103;
  watch.onConsoleLine('BdsDxe: starting Boot0001 "disk"');
  clock = 112;
  // 8.5 s after the kernel's start it is 112: it started at 103.5.
  expect(await watch.times(vm)).toEqual({ firmware: 2, loader: 1.5, kernel: 4, userspace: 2, total: 6 });
});
