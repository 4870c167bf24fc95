import { mkdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type Child, startChild } from "./child.ts";
import { vmError } from "./errors.ts";
import type { VmOptions } from "./options.ts";
import { names } from "./qemu-arguments.ts";
import { sandboxCommand, workInside } from "./sandbox.ts";

/**
 * Starts swtpm and waits until it listens; it ends by itself when QEMU lets go of it.
 * @throws HadronError VM_START_FAILED
 */
export async function startTpm(options: VmOptions, work: string, seconds: number): Promise<Child> {
  const state = resolve(options.tpm?.state ?? join(work, "tpm"));
  await mkdir(state, { recursive: true, mode: 0o700 });
  const child = startChild(
    sandboxCommand(
      options.tools,
      work,
      [{ from: state, to: "/tpm" }],
      [
        ...["/usr/bin/swtpm", "socket", "--tpm2", "--terminate", "--tpmstate", "dir=/tpm,mode=0600"],
        ...["--ctrl", `type=unixio,path=${workInside}/${names.tpm},mode=0600`],
      ],
    ),
  );
  const limit = performance.now() + seconds * 1000;
  while (!(await isSocket(join(work, names.tpm)))) {
    if (child.hasEnded() || performance.now() > limit) {
      child.kill();
      throw vmError("VM_START_FAILED", "The software TPM did not start", { stderr: child.output() });
    }
    await new Promise((wake) => setTimeout(wake, 20));
  }
  return child;
}

async function isSocket(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isSocket() ?? false;
}
