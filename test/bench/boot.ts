import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { cacheRoot } from "../../src/base/mod.ts";
import { guestAgent, probeAcceleration, startVm, type Tools } from "../../src/vm/mod.ts";
import { runCommand } from "./command.ts";
import type { Measured } from "./figure.ts";
import { benchFolder } from "./timings.ts";

/** Boots the disk once, with 2 CPUs and 1 GiB, and asks the guest. */
export async function measureBoot(): Promise<Measured[]> {
  const disk = join(benchFolder, "cloud.raw");
  runCommand(["./hadron", "image", "cloud", "--as", "disk", "--output", disk]);
  runCommand(["./hadron", "toolbox", "fetch"]);
  const tools: Tools = { vm: toolboxPath("vm"), sandbox: toolboxPath("sandbox") };
  const { accel } = await probeAcceleration({ tools, cacheRoot: cacheRoot() });
  await using vm = await startVm({
    tools,
    accel,
    memory: 1024,
    cpus: 2,
    disks: [{ path: disk, format: "raw", snapshot: true }],
    guest: guestAgent(),
  });
  const ask = async (script: string) => Number((await vm.sh(script)).stdout);
  const microseconds = await ask("systemctl show multi-user.target -P ActiveEnterTimestampMonotonic");
  await sleep(60_000);
  const kilobytes = await ask("awk '/^MemTotal/ {t=$2} /^MemAvailable/ {print t-$2}' /proc/meminfo");
  await vm.powerdown();
  return [
    { what: `boot: kernel start to multi-user (${accel.toUpperCase()}, 2 CPUs)`, unit: "s", value: microseconds / 1e6 },
    { what: "memory in use, 60 s after multi-user", unit: "MB", reach: 40, value: (kilobytes * 1024) / 1e6 },
  ];
}

function toolboxPath(set: string): string {
  return runCommand(["./hadron", "toolbox", "path", "--set", set]).trim();
}
