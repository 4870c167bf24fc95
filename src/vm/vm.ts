import type { HadronError } from "../base/mod.ts";
import type { EndReason } from "./end-reason.ts";
import type { ShellResult } from "./guest-shell.ts";
import type { Qmp } from "./qmp.ts";
import type { Report } from "./reports.ts";
import type { SerialConsole } from "./serial-console.ts";

export interface VmEnd {
  /** QEMU's exit status; null when it was killed. */
  code: number | null;
  reason: EndReason;
  /** VM_DIED with QEMU's last words, where the reason is "died". */
  error?: HadronError;
}

export interface Limit {
  /** How long to wait before VM_TIMEOUT. */
  seconds: number;
}

/**
 * A running VM. Everything that waits throws VM_TIMEOUT with the end of the serial console, VM_DIED with QEMU's last words when QEMU
 * went by itself, VM_NO_REPORT when the VM ended in an orderly way first.
 */
export interface Vm extends AsyncDisposable {
  /** When QEMU and swtpm are gone and the VM's folder is removed. Never rejects. */
  exited: Promise<VmEnd>;
  waitForExit(limit: Limit): Promise<VmEnd>;
  /** Every report of the guest, from the first on. */
  reports: AsyncIterable<Report>;
  /** The value of the oldest report of this name not yet taken, or of the next. "ready" comes from the agent at every boot. */
  waitForReport(name: string, limit: Limit): Promise<unknown>;
  /** QEMU's next event of this name not yet taken (RESET, GUEST_PANICKED, WATCHDOG, …); gives its data. */
  waitForEvent(name: string, limit: Limit): Promise<unknown>;
  /**
   * Runs a script in the guest by /bin/sh, as root; needs `guest: guestAgent()`. Scripts run one after the other, in the order of calls.
   * @param options.seconds How long the script may run (default 60); `readySeconds`: how long its agent may take to be there (default 600).
   */
  sh(script: string, options?: { seconds?: number; readySeconds?: number }): Promise<ShellResult>;
  console: SerialConsole;
  qmp: Qmp;
  /** Presses the power button and waits for the end; after the limit (default 120 s) the VM is killed and VM_TIMEOUT thrown. */
  powerdown(limit?: Limit): Promise<VmEnd>;
  /** Presses the reset button. */
  reset(): Promise<void>;
  /** Ends QEMU in an orderly way; the guest notices nothing. */
  quit(): Promise<VmEnd>;
  /**
   * Kills QEMU as a power cut would. What the guest wrote but did not flush is in this machine's page cache by then and survives,
   * so this shows what an unclean stop does, not what a disk's volatile cache loses.
   */
  cut(): Promise<VmEnd>;
}
