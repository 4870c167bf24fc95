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
import { diskBytes } from "../e2e/support/artifacts.ts";
import { type Booted, bootRows } from "./boot-rows.ts";
import { runCommand } from "./command.ts";
import type { Measured } from "./figure.ts";
import { bootedFigures, machineFigures } from "./machine-figures.ts";
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

/** Boots our disk and the other system's in the same way, and asks the guests. `means`: what kind of machine they had. */
export async function measureBoots({
  icount: isCounted,
  peer,
}: BootOptions): Promise<{ means: string; rows: Measured[] }> {
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
  const means = `${accel.toUpperCase()}${isCounted ? " by instruction count" : ""}, ${shape.cpus} CPUs, ${shape.memory} MiB`;
  return { means, rows: bootRows(ours, theirs, peer) };
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
