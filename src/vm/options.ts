import type { Credentials } from "./credentials.ts";

/** The guest's architecture. */
export type Architecture = "x86_64" | "aarch64";

export interface Disk {
  /** The image on this machine. Its folder is bound into QEMU's sandbox, so a qcow2 may have a backing file beside it. */
  path: string;
  format: "raw" | "qcow2";
  /** Default virtio. */
  bus?: "virtio" | "scsi" | "nvme" | "usb" | "sata";
  /** Writes go to a temporary overlay and are forgotten when the VM ends. */
  snapshot?: boolean;
  readonly?: boolean;
  /** At most 20 characters; default `disk0`, `disk1`, … Shows up in the guest's /dev/disk/by-id. */
  serial?: string;
}

export interface UefiFirmware {
  /**
   * The file that keeps the firmware's variables between runs; made from the empty template when missing.
   * Default: a private copy that goes away with the VM.
   */
  variables?: string;
  /** The firmware build that enforces Secure Boot. It starts in setup mode, with no keys enrolled. x86_64 only. */
  secureBoot?: boolean;
}

export interface DirectBoot {
  kernel: string;
  initrd?: string;
  commandLine?: string;
}

export interface Network {
  /** A TCP port on 127.0.0.1 of this machine that leads to the guest's port 22. */
  sshPort?: number;
  forwards?: { host: number; guest: number }[];
  /** The guest reaches nothing outside; forwards still work. */
  isolated?: boolean;
  /** Default virtio. */
  device?: "virtio" | "e1000e";
}

export interface Tools {
  /** The unpacked toolbox set `vm`: QEMU, firmware, swtpm. */
  vm: string;
  /** The unpacked toolbox set `sandbox`: bubblewrap. */
  sandbox: string;
}

export interface VmOptions {
  tools: Tools;
  /** From `probeAcceleration`; "tcg" is right everywhere, and slow. */
  accel: "kvm" | "tcg";
  /** Names the VM in error messages. Default `vm`. */
  name?: string;
  /** Default x86_64. */
  arch?: Architecture;
  /** MiB. Default 1024. */
  memory?: number;
  /** Default 2. */
  cpus?: number;
  disks?: Disk[];
  /** A CD image; the firmware tries it before the disks. */
  cdrom?: string;
  /** Default UEFI with variables of its own. "bios" is x86_64 only. */
  firmware?: "bios" | UefiFirmware;
  directBoot?: DirectBoot;
  /** A TPM 2.0, emulated by swtpm; `state` keeps it between runs (default: a new, private one). */
  tpm?: { state?: string };
  /** SMBIOS system UUID. Without it the guest sees none. */
  uuid?: string;
  /** System credentials for the guest's PID 1; see systemd.system-credentials(7). */
  credentials?: Credentials;
  /** What runs in the guest for the host's sake: the result of `guestAgent()` or `guestScript()`. More credentials. */
  guest?: Credentials;
  /** Added to the kernel command line by systemd-stub; see smbios-type-11(7). Not honoured under Secure Boot with a UKI of its own line. */
  extraCommandLine?: string;
  /** Default `{}`: QEMU's user network. */
  network?: Network | false;
  /** Default true. Without it the guest has no console, and nothing is seen of it but what its agent says. */
  serialPort?: boolean;
  /** What the serial console writes is also written here. */
  consoleLog?: string;
  /** Called for every whole line of the serial console, without its line end. */
  onConsoleLine?: (line: string) => void;
  /** End the VM, reason "reset", when the guest reboots. */
  noReboot?: boolean;
  /** What a guest panic, told by pvpanic, does: "exit" (default) ends the VM; "continue" leaves it to the guest's `panic=`. */
  onPanic?: "exit" | "continue";
  /** An i6300esb watchdog that resets the guest. */
  watchdog?: boolean;
  /** Virtual time by instruction count (TCG only): slower, but the same timing on every run. */
  icount?: { shift: number | "auto" };
  /** A port at 0xf4 by which x86 code ends QEMU with status (value << 1) | 1. */
  debugExit?: boolean;
  /** A display adapter, so that QMP's screendump works. */
  graphics?: boolean;
  /** More arguments for QEMU, after ours. Paths in them must lie in `folders`. */
  qemuArguments?: string[];
  /** More folders that QEMU may read and write, bound at their own paths. */
  folders?: string[];
  /** Ends the VM as a power cut would. */
  signal?: AbortSignal;
  /** How long QEMU may take to answer on its control socket. Default 30. */
  startSeconds?: number;
}
