import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { exitStatus, HadronError } from "../../base/mod.ts";
import { ensureToolboxSet, openStore } from "../../engine/mod.ts";
import { assertOutputPlace, writeArtifact, writeEmptyDisk } from "../../image/mod.ts";
import {
  attachTerminal,
  checkVmOptions,
  guestAgent,
  probeAcceleration,
  startVm,
  terminalHelp,
  type Vm,
  type VmEnd,
  type VmOptions,
  watchBoot,
} from "../../vm/mod.ts";
import { type BootChart, drawBootChart, renderBootChart } from "../boot-chart.ts";
import { buildArtifact } from "../build-artifact.ts";
import { type Context, defineCommand } from "../command.ts";
import { openProject } from "../project.ts";
import type { Input } from "../table.ts";

/** Passed by this command alone: without it a machine offers no login. */
const login = { "agetty.autologin": "root" };

interface Ran extends Omit<VmEnd, "error">, Partial<BootChart> {
  image: string;
  accel: "kvm" | "tcg";
}

export const command = defineCommand("run", {
  run: async (input, context): Promise<Ran> => {
    const { cacheRoot, emit, signal } = context;
    const { mirror, offline, arch } = input;
    // What is wrong with the command line is said before anything is fetched.
    await openProject(arch, context, { images: [input.image] });
    const chart = input.bootChart === undefined ? undefined : resolve(input.bootChart);
    const watch = watchBoot();
    const machine = {
      name: input.image,
      arch,
      memory: Math.floor(input.memory / 2 ** 20),
      cpus: input.cpus,
      network: input.sshPort === undefined ? {} : { sshPort: input.sshPort },
      credentials: { ...login, ...credentialsOf(input.credential) },
      ...(chart === undefined ? {} : { guest: guestAgent(), onConsoleLine: watch.onConsoleLine }),
      ...(input.cmdline.length === 0 ? {} : { extraCommandLine: input.cmdline.join(" ") }),
    };
    checkVmOptions(machine);
    if (input.disk !== undefined && !existsSync(input.disk)) await assertOutputPlace(input.disk);
    if (chart !== undefined) await assertOutputPlace(chart);
    const fetching = { cacheRoot, emit, mirror, offline, signal };
    const sandbox = await ensureToolboxSet("sandbox", fetching);
    const tools = { vm: (await ensureToolboxSet("vm", fetching)).path, sandbox: sandbox.path };
    await using medium = await prepareMedium(input, context);
    const { accel, why } = await probeAcceleration({ tools, cacheRoot, arch });
    emit({
      type: "note",
      message: `${accel === "kvm" ? "Accelerated by KVM" : "Emulated (TCG), which is slow"}: ${why}`,
    });
    if (!input.headless && chart === undefined) emit({ type: "note", message: terminalHelp });
    signal.throwIfAborted();
    if (chart === undefined) context.takeTerminal();
    await using vm = await startVm({ tools, accel, ...machine, ...medium.options });
    watch.poweredOn();
    if (chart !== undefined) {
      emit({ type: "note", message: "Booting, until nothing is left to start" });
      return { image: input.image, accel, ...orThrow(await drawBootChart(vm, chart, { watch, signal })) };
    }
    const output = input.json ? process.stderr : process.stdout;
    const end = input.headless
      ? await showConsole(vm, output, signal)
      : await attachTerminal(vm, { input: process.stdin, output });
    return { image: input.image, accel, ...orThrow(end) };
  },
  render: ({ reason, chart, seconds }) =>
    chart !== undefined && seconds !== undefined
      ? renderBootChart({ chart, seconds })
      : `\nThe virtual machine ended: ${reason}\n`,
  status: ({ reason }) => (reason === "panic" ? exitStatus.vm : 0),
});

/** How a machine ended by its own doing or ours. @throws HadronError `VM_DIED` */
function orThrow<End extends VmEnd>({ error, ...end }: End): Omit<End, "error"> {
  if (error) throw error;
  return end;
}

interface Medium extends AsyncDisposable {
  options: Pick<VmOptions, "disks" | "cdrom">;
}

/** The ISO, with the disk that is kept; or that disk alone; or a copy of the image's disk that goes away with the machine. */
async function prepareMedium(input: Input<"run">, context: Context): Promise<Medium> {
  const disk = input.disk === undefined ? undefined : diskOf(resolve(input.disk));
  const options: Medium["options"] = disk === undefined ? {} : { disks: [disk] };
  const nothing = async (): Promise<void> => {};
  const isMissing = disk !== undefined && !existsSync(disk.path);
  // Its name says what it is opened as, so that is what is made.
  const kind = disk?.format === "qcow2" ? "qcow2" : "disk";
  if (input.iso) {
    const { path } = await buildArtifact(input.image, "iso", { input, context });
    if (isMissing) await writeEmptyDisk(kind, disk.path, input.diskSize);
    return { options: { ...options, cdrom: path }, [Symbol.asyncDispose]: nothing };
  }
  if (disk !== undefined && !isMissing) return { options, [Symbol.asyncDispose]: nothing };
  const { emit, signal } = context;
  const built = await buildArtifact(input.image, kind, { input, context });
  if (disk !== undefined) {
    await writeArtifact({ ...built, output: built.folder, to: disk.path, minBytes: input.diskSize, emit, signal });
    return { options, [Symbol.asyncDispose]: nothing };
  }
  // What a killed process leaves there, the next one that opens the store removes.
  const folder = await (await openStore(context.cacheRoot)).makeWorkFolder("run");
  const path = join(folder, "disk.raw");
  await writeArtifact({ ...built, output: built.folder, to: path, minBytes: input.diskSize, signal });
  return {
    options: { disks: [diskOf(path)] },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

function diskOf(path: string): { path: string; format: "raw" | "qcow2" } {
  return { path, format: path.endsWith(".qcow2") ? "qcow2" : "raw" };
}

/** `NAME=VALUE` words. */
export function credentialsOf(words: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    words.map((word) => {
      const at = word.indexOf("=");
      if (at > 0) return [word.slice(0, at), word.slice(at + 1)];
      throw new HadronError(`Option --credential has the value "${word}", expected NAME=VALUE`, {
        kind: "usage",
        code: "USAGE_VALUE",
        hint: "For an empty credential write NAME=",
      });
    }),
  );
}

async function showConsole(vm: Vm, output: NodeJS.WriteStream, signal: AbortSignal): Promise<VmEnd> {
  output.write(vm.console.text());
  const stop = vm.console.listen((chunk) => void output.write(chunk));
  const end = (): void => void vm.quit();
  signal.addEventListener("abort", end, { once: true });
  if (signal.aborted) end();
  try {
    return await vm.exited;
  } finally {
    signal.removeEventListener("abort", end);
    stop();
  }
}
