import { HadronError } from "../base/mod.ts";
import type { Vm } from "./vm.ts";

/** How long each part of a boot took, in seconds, as `systemd-analyze time` splits it. */
export interface BootTimes {
  /** Power-on to the first program of a disk. Nothing where neither the guest nor the console told. */
  firmware?: number;
  /** From there to the start of the kernel's clock: loader, stub, unpacking the kernel. */
  loader?: number;
  kernel: number;
  /** Nothing where there was no initrd with systemd in it. */
  initrd?: number;
  userspace: number;
  /** From the start of the kernel to the end of the last job of the boot. */
  total: number;
}

const names = {
  firmware: "FirmwareTimestampMonotonic",
  loader: "LoaderTimestampMonotonic",
  initrd: "InitRDTimestampMonotonic",
  userspace: "UserspaceTimestampMonotonic",
  finish: "FinishTimestampMonotonic",
} as const;

/** Asks PID 1 in the guest, which needs no more than systemctl. What it prints is for {@link parseBootTimes}. */
export const bootTimesScript: string = `systemctl show ${Object.values(names)
  .map((name) => `-p ${name}`)
  .join(" ")}`;

/**
 * Properties of org.freedesktop.systemd1.Manager (org.freedesktop.systemd1(5)): microseconds after the kernel's start, or
 * before it for firmware and loader; 0 is unknown.
 * @throws HadronError VM_NOT_BOOTED while the boot is not finished
 */
export function parseBootTimes(text: string): BootTimes {
  const seconds = (name: string): number => Number(new RegExp(`^${name}=(\\d+)$`, "m").exec(text)?.[1] ?? 0) / 1e6;
  const [firmware, loader] = [seconds(names.firmware), seconds(names.loader)];
  const [initrd, userspace, finish] = [seconds(names.initrd), seconds(names.userspace), seconds(names.finish)];
  if (finish === 0 || userspace === 0)
    throw new HadronError("The guest has not finished booting", {
      kind: "vm",
      code: "VM_NOT_BOOTED",
      detail: text.trim(),
      hint: "systemctl list-jobs in the guest says what it still waits for",
    });
  return {
    ...(firmware > loader ? { firmware: firmware - loader } : {}),
    ...(loader > 0 ? { loader } : {}),
    kernel: initrd > 0 ? initrd : userspace,
    ...(initrd > 0 ? { initrd: userspace - initrd } : {}),
    userspace: finish - userspace,
    total: finish,
  };
}

export interface BootWatch {
  /** For {@link VmOptions.onConsoleLine}: UEFI firmware says there when it starts a program. */
  onConsoleLine(line: string): void;
  /** To be called when `startVm` has returned. */
  poweredOn(): void;
  /**
   * Asks a guest that has booted and has our agent.
   * @throws HadronError VM_NOT_BOOTED, and what {@link Vm.sh} throws
   */
  times(vm: Vm): Promise<BootTimes>;
}

/**
 * Sees from outside how long firmware and boot loader take: in a virtual machine systemd-boot has no clock that it trusts,
 * and tells nothing. It takes a guest whose clock goes as ours does, so no `icount`.
 * @param now Seconds of a steady clock; for tests
 */
export function watchBoot(now: () => number = () => performance.now() / 1000): BootWatch {
  let powerOn: number | undefined;
  let firstProgram: number | undefined;
  return {
    onConsoleLine(line) {
      if (line.includes("BdsDxe: starting ")) firstProgram ??= now();
    },
    poweredOn() {
      powerOn = now();
    },
    async times(vm) {
      const kernelStart = vm
        .waitForReport("uptime", { seconds: 60 })
        // At once: what is waited for longer would count as the loader's.
        .then((uptime) => now() - Number(uptime));
      const [start] = await Promise.all([kernelStart, vm.sh('read -r up rest < /proc/uptime; report uptime "$up"')]);
      const told = parseBootTimes((await vm.sh(bootTimesScript)).stdout);
      if (told.firmware !== undefined || powerOn === undefined || firstProgram === undefined) return told;
      return { firmware: firstProgram - powerOn, loader: Math.max(0, start - firstProgram), ...told };
    },
  };
}
