import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { cacheRoot, HadronError } from "../../../src/base/mod.ts";
import { ensureToolboxSet } from "../../../src/engine/mod.ts";
import { guestAgent, probeAcceleration, startVm, type Tools, type Vm, type VmOptions } from "../../../src/vm/mod.ts";
import { outputFolder } from "./artifacts.ts";

/** From power-on to multi-user under emulation, several times over. */
export const bootSeconds = 240;

/** What VMs run with on this machine. The first to ask on a machine may have to try the accelerator. */
export async function vmMeans(): Promise<{ tools: Tools; accel: "kvm" | "tcg" }> {
  const options = { cacheRoot: cacheRoot() };
  const [vm, sandbox] = [await ensureToolboxSet("vm", options), await ensureToolboxSet("sandbox", options)];
  const tools = { vm: vm.path, sandbox: sandbox.path };
  return { tools, accel: (await probeAcceleration({ tools, cacheRoot: cacheRoot() })).accel };
}

/**
 * Starts a VM with 1 GiB, two CPUs, the agent, and a network that reaches nothing outside. Its console is also written to
 * `out/e2e/console/<name>.log`.
 */
export async function boot(name: string, options: Partial<VmOptions>): Promise<Vm> {
  const { tools, accel } = await vmMeans();
  const consoles = join(outputFolder, "console");
  await mkdir(consoles, { recursive: true });
  return startVm({
    tools,
    accel,
    name,
    network: { isolated: true },
    guest: guestAgent(),
    consoleLog: join(consoles, `${name}.log`),
    ...options,
  });
}

/** Standard output, without white space at its ends, of a script that must succeed in the guest. */
export async function ask(vm: Vm, script: string, seconds = 60): Promise<string> {
  const { status, stdout, stderr } = await vm.sh(script, { seconds, readySeconds: bootSeconds });
  if (status !== 0) throw new Error(`In the guest, "${script}" ended with status ${status}: ${stderr}${stdout}`);
  return stdout.trim();
}

/** Waits until no unit is on its way up any more. */
export async function systemState(vm: Vm): Promise<{ state: string; failed: string }> {
  const { stdout } = await vm.sh("systemctl is-system-running --wait", { seconds: 180, readySeconds: bootSeconds });
  return { state: stdout.trim(), failed: await ask(vm, "systemctl --failed --no-legend --plain") };
}

/** Runs what ends the guest, or this boot of it: whether it is answered depends on who is quicker. */
export function runLast(vm: Vm, script: string): void {
  vm.sh(script, { readySeconds: bootSeconds }).catch((error: unknown) => {
    if (!(error instanceof HadronError) || !["VM_RESET", "VM_NO_REPORT", "VM_TIMEOUT"].includes(error.code))
      throw error;
  });
}

/** Waits for the next boot's agent; the first call is for the first boot. */
export async function isUp(vm: Vm): Promise<void> {
  await vm.waitForReport("ready", { seconds: bootSeconds });
}

/** Reboots and waits for the agent. `isUp` must have been called for every boot before. */
export async function reboot(vm: Vm): Promise<void> {
  runLast(vm, "systemctl reboot");
  await isUp(vm);
}

/** Mounts of PID 1 that end up on a disk: where, of what, and whether they can be written. */
export interface DiskMount {
  target: string;
  source: string;
  type: string;
  isWritable: boolean;
}

export async function diskMounts(vm: Vm): Promise<DiskMount[]> {
  const lines = (await ask(vm, "cat /proc/1/mountinfo")).split("\n");
  return lines.flatMap((line) => {
    // proc_pid_mountinfo(5): optional fields end with a dash.
    const [left = "", right = ""] = line.split(" - ");
    const [, , , , target = "", options = ""] = left.split(" ");
    const [type = "", source = "", superOptions = ""] = right.split(" ");
    if (!source.startsWith("/dev/")) return [];
    const isWritable = [options, superOptions].every((list) => list.split(",").includes("rw"));
    return [{ target, source, type, isWritable }];
  });
}
