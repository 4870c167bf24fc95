import { isSystemError } from "../base/mod.ts";

/** Whether a process of this number runs here. One of another user counts too. */
export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isSystemError(error, "EPERM");
  }
}
