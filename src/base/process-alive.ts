import { readFileSync } from "node:fs";
import { isSystemError } from "./errors.ts";

/** Whether a process of this number runs here. One of another user counts too, one that only waits to be reaped does not. */
export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return isSystemError(error, "EPERM");
  }
  return !isZombie(pid);
}

/** The state follows the program's name in parentheses, which may hold parentheses itself (proc_pid_stat(5)). */
function isZombie(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return /^[ZX]$/.test(stat[stat.lastIndexOf(")") + 2] ?? "");
  } catch {
    return false;
  }
}
