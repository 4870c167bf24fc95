import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { descendants } from "../../../src/cli/kill-descendants.ts";

/** A process as it was seen; its start time tells it from a later one with the same number. */
export interface SeenProcess {
  pid: number;
  /** As in /proc/PID/comm: the first 15 characters of the program's name. */
  name: string;
  started: string;
}

/** All that come from this process, and have not ended. */
export function processesBelow(pid: number): SeenProcess[] {
  return descendants(pid).flatMap((child) => look(child) ?? []);
}

/** QEMU itself below a process, once it runs; not the sandbox around it. */
export async function qemuBelow(pid: number, seconds: number): Promise<SeenProcess> {
  for (let tries = 0; tries < seconds * 10; tries++) {
    const found = processesBelow(pid).find(({ name }) => name.startsWith("qemu-system"));
    if (found) return found;
    await sleep(100);
  }
  throw new Error(`Process ${pid} started no QEMU within ${seconds} s`);
}

/** Those that still run after at most two seconds: the kernel needs a moment to end what was killed. */
export async function survivors(seen: SeenProcess[]): Promise<SeenProcess[]> {
  for (let tries = 0; ; tries++) {
    const alive = seen.filter(({ pid, started }) => look(pid)?.started === started);
    if (alive.length === 0 || tries === 20) return alive;
    await sleep(100);
  }
}

/** proc_pid_stat(5): number, (name), state, then numbers; the start time is the 22nd field. */
function look(pid: number): SeenProcess | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [state, ...rest] = text.slice(text.lastIndexOf(")") + 2).split(" ");
    if (state === "Z" || state === "X") return undefined;
    return { pid, name: text.slice(text.indexOf("(") + 1, text.lastIndexOf(")")), started: rest[18] ?? "" };
  } catch {
    return undefined;
  }
}
