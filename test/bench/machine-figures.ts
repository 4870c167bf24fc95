import { setTimeout as sleep } from "node:timers/promises";
import { type BootTimes, type BootWatch, type Vm, watchBoot } from "../../src/vm/mod.ts";
import { listening, socketTables } from "../e2e/support/sockets.ts";

/** How long a boot took. */
export interface BootedFigures {
  /** Seconds from the start of the kernel to multi-user.target. */
  multiUser: number;
  boot: BootTimes;
}

/** What a machine that was left alone after its boot looks like. */
export interface MachineFigures extends BootedFigures {
  /** Those of user space, without the agent that is asked. */
  processes: number;
  sockets: number;
  /** MB of 10⁶ bytes: MemTotal − MemAvailable of proc_meminfo(5), 60 s after the boot. */
  memory: number;
}

/**
 * Waits for the end of the boot. Runs in any guest with systemd, our agent, and the usual small tools.
 * @param watch Has seen the machine's console; without it there is nothing of firmware and loader
 */
export async function bootedFigures(vm: Vm, watch: BootWatch = watchBoot()): Promise<BootedFigures> {
  // Its own status is that of failed units, which are others' business.
  await answer(vm, "systemctl is-system-running --wait || true");
  const microseconds = await answer(vm, "systemctl show multi-user.target -P ActiveEnterTimestampMonotonic");
  return { multiUser: Number(microseconds) / 1e6, boot: await watch.times(vm) };
}

/** The same, and a minute later what the machine is doing. */
export async function machineFigures(vm: Vm, watch?: BootWatch): Promise<MachineFigures> {
  const booted = await bootedFigures(vm, watch);
  await sleep(60_000);
  const kilobytes = await answer(vm, "awk '/^MemTotal/ {t=$2} /^MemAvailable/ {print t-$2}' /proc/meminfo");
  return {
    ...booted,
    processes: Number(await answer(vm, countProcesses)),
    sockets: listening(await socketTables(vm)).length,
    memory: (Number(kilobytes) * 1024) / 1e6,
  };
}

async function answer(vm: Vm, script: string): Promise<string> {
  const { status, stdout, stderr } = await vm.sh(script, { seconds: 600, readySeconds: 600 });
  if (status !== 0) throw new Error(`In the guest, "${script}" ended with status ${status}: ${stderr}`);
  return stdout.trim();
}

/** Threads of the kernel have no command line. */
const countProcesses = `count=0
for process in /proc/[0-9]*; do
  if grep -q hadron-agent "$process/cgroup" 2> /dev/null; then continue; fi
  if [ -n "$(tr -d '\\000' < "$process/cmdline" 2> /dev/null)" ]; then count=$((count + 1)); fi
done
echo $count`;
