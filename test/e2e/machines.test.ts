import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Disk } from "../../src/vm/mod.ts";
import { freshDisk, freshFolder } from "./support/artifacts.ts";
import { ask, boot, isUp, systemState } from "./support/boot.ts";

interface Machine {
  title: string;
  name: string;
  bus: NonNullable<Disk["bus"]>;
  cpus: number;
  memory: number;
  hasSerialPort: boolean;
  hasTpm: boolean;
}

/** Two machines that differ in everything from each other and from those of the other tests. */
const machines: Machine[] = [
  {
    title: "a SCSI disk, with one CPU and 256 MiB",
    ...{ name: "small", bus: "scsi", cpus: 1, memory: 256, hasSerialPort: true, hasTpm: false },
  },
  {
    title: "an NVMe disk, with eight CPUs, a TPM and no serial port",
    ...{ name: "large", bus: "nvme", cpus: 8, memory: 2048, hasSerialPort: false, hasTpm: true },
  },
];

describe("the disk boots on", () => {
  it.each(machines.map((machine) => [machine.title, machine] as const))(
    "%s",
    async (_, { name, bus, cpus, memory, hasSerialPort, hasTpm }) => {
      const disk = await freshDisk(join(await freshFolder(`machine-${name}`), "disk.raw"));
      await using vm = await boot(`machine-${name}`, {
        disks: [{ path: disk, format: "raw", bus }],
        ...{ cpus, memory, serialPort: hasSerialPort },
        ...(hasTpm ? { tpm: {} } : {}),
      });
      await isUp(vm);
      expect(await systemState(vm)).toEqual({ state: "running", failed: "" });
      expect(await ask(vm, "nproc")).toBe(String(cpus));
      const { stdout } = await vm.sh("systemctl is-active systemd-tpm2-setup.service");
      expect(stdout.trim()).toBe(hasTpm ? "active" : "inactive");
      expect(await ask(vm, "findmnt -nro SOURCE /var")).toMatch(bus === "nvme" ? /^\/dev\/nvme0n1p/ : /^\/dev\/sda/);
      expect((await vm.powerdown({ seconds: 90 })).reason).toBe("poweroff");
      if (!hasSerialPort) expect(vm.console.text()).toBe("");
    },
    600_000,
  );
});
