import { resolve } from "node:path";
import { HadronError } from "../base/mod.ts";
import { encodeCredentials } from "./credentials.ts";
import { diskArguments, escapeCommas } from "./disk-arguments.ts";
import { machines } from "./machine.ts";
import type { Network, VmOptions } from "./options.ts";
import { type Binding, workInside } from "./sandbox.ts";

export interface QemuPlan {
  /** The program and its arguments, in terms of the sandbox. */
  command: string[];
  bindings: Binding[];
  /** Files to be written to the VM's own folder before. */
  files: { name: string; content: Uint8Array }[];
}

/** Names in the VM's own folder; QEMU connects to the sockets, the driver listens (swtpm listens on its own). */
export const names = {
  console: "console.sock",
  control: "qmp.sock",
  report: "report.sock",
  tpm: "tpm.sock",
  variables: "variables.fd",
} as const;

/** The whole QEMU command line for the options. Pure: no look at this machine. */
export function planQemu(options: VmOptions): QemuPlan {
  checkOptions(options);
  const arch = options.arch ?? "x86_64";
  const machine = machines[arch];
  const disks = diskArguments(options.disks ?? [], options.cdrom);
  const credentials = encodeCredentials({ ...options.credentials, ...options.guest }, workInside);
  const files = [...credentials.files];
  const bindings = [...disks.bindings];
  const boot = bootArguments(options, bindings);
  const smbios = [...credentials.arguments];
  if (options.extraCommandLine) {
    const line = `io.systemd.stub.kernel-cmdline-extra=${options.extraCommandLine}`;
    files.push({ name: "command-line", content: Buffer.from(line) });
    smbios.push("-smbios", `type=11,path=${workInside}/command-line`);
  }
  const command = [
    machine.qemu,
    ...["-nodefaults", "-no-user-config", "-display", "none", "-S"],
    ...["-name", escapeCommas(options.name ?? "vm")],
    ...["-machine", machine.type + (isSecure(options) ? ",smm=on" : "")],
    ...cpuArguments(options),
    ...["-m", `${options.memory ?? 1024}M`, "-rtc", "base=utc"],
    ...firmwareArguments(options),
    ...boot,
    ...(options.uuid === undefined ? [] : ["-uuid", options.uuid]),
    ...smbios,
    ...socketDevice("control", ["-mon", "chardev=control,mode=control"]),
    ...socketDevice("console", options.serialPort === false ? [] : ["-serial", "chardev:console"]),
    ...["-device", "virtio-serial-pci"],
    ...socketDevice("report", ["-device", "virtserialport,chardev=report,name=hadron.report"]),
    ...["-device", "virtio-rng-pci", "-device", "pvpanic-pci"],
    ...["-action", `panic=${options.onPanic === "continue" ? "none" : "shutdown"}`],
    ...disks.arguments,
    ...networkArguments(options.network ?? {}),
    ...(options.tpm ? tpmArguments(machine.tpmDevice) : []),
    ...(options.noReboot ? ["-no-reboot"] : []),
    ...(options.watchdog ? ["-device", "i6300esb", "-action", "watchdog=reset"] : []),
    ...(options.debugExit ? ["-device", "isa-debug-exit,iobase=0xf4,iosize=0x04"] : []),
    ...(options.graphics ? ["-device", arch === "x86_64" ? "VGA" : "virtio-gpu-pci"] : []),
    ...(options.qemuArguments ?? []),
  ];
  bindings.push(...(options.folders ?? []).map((folder) => ({ from: resolve(folder), to: resolve(folder) })));
  return { command, bindings, files };
}

/**
 * Says at once what `startVm` would say of options that no VM can have.
 * @throws HadronError VM_OPTION, VM_CREDENTIAL
 */
export function checkVmOptions(options: Omit<VmOptions, "tools" | "accel">): void {
  planQemu({ ...options, accel: "tcg", tools: { vm: "", sandbox: "" } });
}

/** `-cpu max` under TCG: QEMU's default model lacks instructions that our kernel is built to expect. */
function cpuArguments({ accel, icount, cpus = 2 }: VmOptions): string[] {
  return [
    ...["-accel", accel, "-cpu", accel === "kvm" ? "host" : "max", "-smp", String(cpus)],
    ...(icount ? ["-icount", `shift=${icount.shift}`] : []),
  ];
}

function firmwareArguments(options: VmOptions): string[] {
  if (options.firmware === "bios") return [];
  const machine = machines[options.arch ?? "x86_64"];
  const { code } = (isSecure(options) ? machine.secureFirmware : undefined) ?? machine.firmware;
  return [
    ...["-drive", `if=pflash,unit=0,format=raw,readonly=on,file=${code}`],
    ...["-drive", `if=pflash,unit=1,format=raw,file=${workInside}/${names.variables}`],
    ...(isSecure(options) ? ["-global", "driver=cfi.pflash01,property=secure,value=on"] : []),
  ];
}

function bootArguments({ directBoot }: VmOptions, bindings: Binding[]): string[] {
  if (!directBoot) return [];
  bindings.push({ from: resolve(directBoot.kernel), to: "/boot/kernel", readonly: true });
  if (directBoot.initrd !== undefined) {
    bindings.push({ from: resolve(directBoot.initrd), to: "/boot/initrd", readonly: true });
  }
  return [
    ...["-kernel", "/boot/kernel"],
    ...(directBoot.initrd === undefined ? [] : ["-initrd", "/boot/initrd"]),
    ...(directBoot.commandLine ? ["-append", directBoot.commandLine] : []),
  ];
}

const networkDevices = { virtio: "virtio-net-pci", e1000e: "e1000e" } as const;

/** `romfile=` empty: the firmware must not try the network when the disks don't boot. */
function networkArguments(network: Network | false): string[] {
  if (!network) return ["-nic", "none"];
  const forwards = [
    ...(network.sshPort === undefined ? [] : [{ host: network.sshPort, guest: 22 }]),
    ...(network.forwards ?? []),
  ].map(({ host, guest }) => `hostfwd=tcp:127.0.0.1:${host}-:${guest}`);
  const netdev = ["user,id=net0", ...(network.isolated ? ["restrict=on"] : []), ...forwards].join(",");
  return ["-netdev", netdev, "-device", `${networkDevices[network.device ?? "virtio"]},netdev=net0,romfile=`];
}

function tpmArguments(device: string): string[] {
  return [
    ...["-chardev", `socket,id=tpm,path=${workInside}/${names.tpm}`],
    ...["-tpmdev", "emulator,id=tpm0,chardev=tpm", "-device", `${device},tpmdev=tpm0`],
  ];
}

function socketDevice(id: "control" | "console" | "report", use: string[]): string[] {
  return ["-chardev", `socket,id=${id},path=${workInside}/${names[id]},server=off`, ...use];
}

export function isSecure({ firmware }: VmOptions): boolean {
  return typeof firmware === "object" && firmware.secureBoot === true;
}

function checkOptions(options: VmOptions): void {
  const machine = machines[options.arch ?? "x86_64"];
  const wrong = (what: string, hint: string) => new HadronError(what, { kind: "usage", code: "VM_OPTION", hint });
  if (options.firmware === "bios" && !machine.hasBios)
    throw wrong(`A VM of ${options.arch} has no BIOS`, "Boot it by UEFI");
  if (isSecure(options) && !machine.secureFirmware)
    throw wrong(`No Secure Boot firmware for ${options.arch}`, "Boot it without Secure Boot");
  if (options.debugExit && !machine.hasDebugExit)
    throw wrong(`A VM of ${options.arch} has no debug exit port`, "Let the guest power off, or report");
  if (options.disks?.some(({ bus }) => bus === "sata") && !machine.hasSata)
    throw wrong(`A VM of ${options.arch} has no SATA controller`, "Attach the disk by another bus");
  if (options.icount && options.accel !== "tcg")
    throw wrong("Counting instructions needs the accelerator tcg", "Emulate the machine: KVM can't count");
}
