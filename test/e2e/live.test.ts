import { beforeAll, describe, expect, it } from "vitest";
import type { VmOptions } from "../../src/vm/mod.ts";
import { artifact, testedImage } from "./support/artifacts.ts";
import { ask, boot, type DiskMount, diskMounts, runLast, systemState } from "./support/boot.ts";

interface Boot {
  state: string;
  failed: string;
  mounts: DiskMount[];
  osRelease: string;
  /** What was read back, a line for each file. */
  written: string;
  machineId: string;
  end: string;
}

async function run(name: string, media: Pick<VmOptions, "disks" | "cdrom">): Promise<Boot> {
  await using vm = await boot(name, media);
  const { state, failed } = await systemState(vm);
  const found = {
    state,
    failed,
    mounts: await diskMounts(vm),
    osRelease: await ask(vm, "cat /etc/os-release"),
    written: await ask(
      vm,
      "for file in /etc/probe /usr/probe /var/probe /root/probe; do echo kept > $file && cat $file; done",
    ),
    machineId: await ask(vm, "cat /etc/machine-id"),
  };
  runLast(vm, "systemctl poweroff");
  return { ...found, end: (await vm.waitForExit({ seconds: 60 })).reason };
}

let fromCd: Boot;
let fromStick: Boot;

beforeAll(async () => {
  const iso = await artifact("iso");
  fromCd = await run("live-cd", { cdrom: iso });
  fromStick = await run("live-stick", { disks: [{ path: iso, format: "raw", bus: "usb", snapshot: true }] });
}, 900_000);

function expectLive(live: Boot): void {
  const { state, failed, mounts, end } = live;
  expect({ state, failed, mounts, end }).toEqual({ state: "running", failed: "", mounts: [], end: "poweroff" });
  expect(live.osRelease).toContain(`IMAGE_ID=${testedImage.name}\n`);
  expect(live.written.split("\n")).toEqual(Array(4).fill("kept"));
  expect(live.machineId).toMatch(/^[0-9a-f]{32}$/);
}

describe("the live ISO", () => {
  it("boots from a CD and runs whole from memory, with no disk there", () => {
    expectLive(fromCd);
  });

  it("boots from a stick and runs whole from memory, with no disk there", () => {
    expectLive(fromStick);
  });
});
