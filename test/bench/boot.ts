import { rm, truncate } from "node:fs/promises";
import { join } from "node:path";
import { cacheRoot } from "../../src/base/mod.ts";
import { ensureToolboxSet } from "../../src/engine/mod.ts";
import { copySparseFile } from "../../src/formats/mod.ts";
import {
  type BootWatch,
  guestAgent,
  probeAcceleration,
  startVm,
  type Tools,
  type Vm,
  type VmOptions,
  watchBoot,
} from "../../src/vm/mod.ts";
import { machineBudgets } from "../budgets.ts";
import { diskBytes } from "../e2e/support/artifacts.ts";
import { runCommand } from "./command.ts";
import type { Measured } from "./figure.ts";
import { bootedFigures, type MachineFigures, machineFigures } from "./machine-figures.ts";
import { type PeerDisk, peerCommandLine } from "./peer-disk.ts";
import { benchFolder } from "./timings.ts";

/** What both machines have, so that they can be compared. */
const shape = { memory: 1024, cpus: 2 };
/**
 * Virtual time by instruction count, a nanosecond each (`--icount`): the same on every run and machine, and slower. The
 * seconds are then those of an imagined processor.
 */
const icount = { shift: 0 };

export interface BootOptions {
  icount: boolean;
  /** Another system to compare with. */
  peer: PeerDisk;
}

/** Boots our disk and the other system's in the same way, and asks the guests. */
export async function measureBoots({ icount: isCounted, peer }: BootOptions): Promise<Measured[]> {
  runCommand(["./hadron", "image", "cloud", "--as", "disk", "--output", join(benchFolder, "cloud.raw")]);
  const disk = join(benchFolder, "node.raw");
  await rm(disk, { force: true });
  await copySparseFile(join(benchFolder, "cloud.raw"), disk);
  await truncate(disk, diskBytes);
  const options = { cacheRoot: cacheRoot() };
  const [vm, sandbox] = [await ensureToolboxSet("vm", options), await ensureToolboxSet("sandbox", options)];
  const tools: Tools = { vm: vm.path, sandbox: sandbox.path };
  const accel = isCounted ? "tcg" : (await probeAcceleration({ tools, ...options })).accel;
  const common = { tools, accel, ...shape, ...(isCounted ? { icount } : {}) };
  const ours = await measureOne({ ...common, disks: [{ path: disk, format: "raw" }], guest: guestAgent() });
  const theirs = await measureOne({
    ...common,
    disks: [{ path: peer.disk, format: "raw" }],
    firmware: "bios",
    directBoot: { kernel: peer.kernel, initrd: peer.initrd, commandLine: peerCommandLine },
  });
  const means = `${accel.toUpperCase()}${isCounted ? " by instruction count" : ""}, ${shape.cpus} CPUs`;
  return [...figuresOf(ours, means), ...comparison(ours, theirs, peer)];
}

/** The second boot is measured: the first makes partitions and keys, and happens once in the life of a machine. */
async function measureOne(options: VmOptions): Promise<Booted> {
  const first = await measureBoot(options, async (vm) => (await bootedFigures(vm)).multiUser);
  return { first, ...(await measureBoot(options, machineFigures)) };
}

async function measureBoot<Figures>(
  options: VmOptions,
  measure: (vm: Vm, watch?: BootWatch) => Promise<Figures>,
): Promise<Figures> {
  const watch = watchBoot();
  await using vm = await startVm({ ...options, onConsoleLine: watch.onConsoleLine });
  watch.poweredOn();
  // Counted instructions are not our seconds.
  const figures = await measure(vm, options.icount ? undefined : watch);
  // The agent may be gone before it answers.
  vm.sh("systemctl --no-block poweroff").catch(() => {});
  await vm.waitForExit({ seconds: 300 });
  return figures;
}

/** With the seconds that the very first boot took to multi-user. */
type Booted = MachineFigures & { first: number };

function figuresOf({ first, multiUser, boot, processes, sockets, memory }: Booted, means: string): Measured[] {
  const { total, ...parts } = boot;
  const counts = { processes, sockets, memory };
  return [
    { what: `boot: kernel start to multi-user (${means})`, unit: "s", value: multiUser },
    { what: "boot: the same, the first time on a disk", unit: "s", value: first },
    { what: "boot: kernel start to the end of the last job", unit: "s", value: total },
    ...Object.entries(parts).map(([part, value]): Measured => ({ what: `boot: ${part}`, unit: "s", value })),
    ...Object.entries(machineBudgets).map(
      ([name, budget]): Measured => ({
        what: budget.what,
        unit: budget.unit,
        reach: "reach" in budget ? budget.reach : undefined,
        value: counts[name as keyof typeof counts],
      }),
    ),
  ];
}

function comparison(ours: Booted, theirs: Booted, peer: PeerDisk): Measured[] {
  const of = (what: string, unit: Measured["unit"], value: number): Measured => ({
    what: `minimal Debian ${peer.release}: ${what}`,
    unit,
    value,
  });
  const { multiUser, boot, processes, sockets, memory } = theirs;
  return [
    of("`/usr`", "MB", peer.usr),
    of("executables in `/usr`", "count", peer.executables),
    of("kernel options that are on", "count", peer.kernelOptions),
    of("boot: kernel start to multi-user", "s", multiUser),
    of("boot: kernel and initrd", "s", boot.kernel + (boot.initrd ?? 0)),
    of("boot: userspace", "s", boot.userspace),
    of("processes", "count", processes),
    of("sockets that listen", "count", sockets),
    of("memory in use, 60 s after multi-user", "MB", memory),
    { what: "boot, ratio to the minimal Debian", unit: "ratio", reach: 0.3, value: ours.multiUser / multiUser },
  ];
}
