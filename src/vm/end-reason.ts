import type { QmpEvent } from "./qmp.ts";

/**
 * How a VM ended: the guest powered off, rebooted (with `noReboot`) or panicked; "debug-exit": x86 code wrote to the debug exit port;
 * "killed": we ended it; "died": QEMU went by itself.
 */
export type EndReason = "poweroff" | "reset" | "panic" | "debug-exit" | "killed" | "died";

/** QEMU's ShutdownCause, as its SHUTDOWN event tells it (qapi/run-state.json). */
const byCause: Record<string, EndReason> = {
  "guest-shutdown": "poweroff",
  "guest-reset": "reset",
  "guest-panic": "panic",
  "host-qmp-quit": "killed",
  "host-qmp-system-reset": "reset",
  "host-signal": "killed",
  "host-ui": "killed",
};

/** @param wasKilled Whether we sent the process a signal. */
export function endReason(events: QmpEvent[], code: number | null, wasKilled: boolean): EndReason {
  // isa-debug-exit ends QEMU with (value << 1) | 1, as a guest's shutdown (QEMU ≥ 9) or at once. QEMU's own failures have status 1.
  if (code !== null && code % 2 === 1 && code > 1 && code < 128) return "debug-exit";
  const shutdown = events.findLast(({ event }) => event === "SHUTDOWN");
  const told = byCause[String(shutdown?.data?.reason)];
  if (told !== undefined) return told;
  if (wasKilled) return "killed";
  return "died";
}
