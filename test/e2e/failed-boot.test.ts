import { join } from "node:path";
import { expect, it } from "vitest";
import { plainText } from "../../src/vm/mod.ts";
import { freshDisk, freshFolder } from "./support/artifacts.ts";
import { boot, isUp, runLast } from "./support/boot.ts";
import { partitionOf, writeZeros } from "./support/partitions.ts";

it("a boot that fails in the initrd reboots instead of waiting in a shell", async () => {
  const disk = await freshDisk(join(await freshFolder("failed-boot"), "disk.raw"));
  const { start } = await partitionOf(disk, "root-verity");
  await writeZeros(disk, { offset: start, length: 4096 });
  await using vm = await boot("failed-boot", {
    disks: [{ path: disk, format: "raw" }],
    noReboot: true,
    // So that the console tells this end from a reset by the firmware.
    extraCommandLine: "systemd.show_status=yes",
  });
  const { reason } = await vm.waitForExit({ seconds: 150 });
  const console = plainText(vm.console.text());
  expect(console).toContain("Reboot after a Failure");
  expect(console).not.toMatch(/Press Enter|emergency mode|[#$] $/);
  expect(reason).toBe("reset");
});

it("a kernel that panics reboots", async () => {
  const disk = await freshDisk(join(await freshFolder("panic"), "disk.raw"));
  await using vm = await boot("panic", {
    disks: [{ path: disk, format: "raw", snapshot: true }],
    noReboot: true,
    // A real machine has no panic device: the kernel is on its own.
    onPanic: "continue",
  });
  await isUp(vm);
  runLast(vm, "echo c > /proc/sysrq-trigger");
  await vm.waitForEvent("GUEST_PANICKED", { seconds: 60 });
  expect(await vm.waitForExit({ seconds: 60 })).toMatchObject({ reason: "reset" });
});
