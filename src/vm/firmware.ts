import { chmod, copyFile, mkdir, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { isSystemError } from "../base/mod.ts";
import { machines } from "./machine.ts";
import type { VmOptions } from "./options.ts";
import { isSecure, names } from "./qemu-arguments.ts";
import { type Binding, workInside } from "./sandbox.ts";

/** Provides the firmware's variable store: a private copy of the empty template, or the file that keeps it between runs. */
export async function prepareFirmware(options: VmOptions, work: string): Promise<Binding[]> {
  const { firmware = {}, tools } = options;
  if (firmware === "bios") return [];
  const machine = machines[options.arch ?? "x86_64"];
  const chosen = (isSecure(options) ? machine.secureFirmware : undefined) ?? machine.firmware;
  const template = join(tools.vm, chosen.variables);
  if (firmware.variables === undefined) {
    await copyWritable(template, join(work, names.variables));
    return [];
  }
  const kept = resolve(firmware.variables);
  if (!(await exists(kept))) {
    await mkdir(dirname(kept), { recursive: true });
    await copyWritable(template, kept);
  }
  return [{ from: kept, to: `${workInside}/${names.variables}` }];
}

async function copyWritable(from: string, to: string): Promise<void> {
  await copyFile(from, to);
  await chmod(to, 0o600);
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return false;
    throw error;
  }
}
