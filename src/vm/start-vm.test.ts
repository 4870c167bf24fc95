import { tmpdir } from "node:os";
import { expect, it } from "vitest";
import { startVm } from "./start-vm.ts";

const here = { vm: tmpdir(), sandbox: tmpdir() };

it("a file that is missing is told by its name, before anything is started, with what to do", async () => {
  const disks = [{ path: "/nowhere/disk.raw", format: "raw" as const }];
  await expect(startVm({ tools: here, accel: "tcg", disks })).rejects.toMatchObject({
    code: "VM_START_FAILED",
    at: "/nowhere/disk.raw",
    hint: expect.stringContaining("Name a file"),
  });
  await expect(startVm({ tools: { ...here, vm: "/nowhere/vm" }, accel: "tcg" })).rejects.toMatchObject({
    code: "VM_START_FAILED",
    at: "/nowhere/vm",
    hint: "hadron toolbox fetch --set vm --set sandbox",
  });
});
