import { access, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { HadronError, programName } from "../base/mod.ts";
import { type Child, startChild } from "./child.ts";
import { prepareFirmware } from "./firmware.ts";
import { listenForOne } from "./listen.ts";
import type { VmOptions } from "./options.ts";
import { names, planQemu } from "./qemu-arguments.ts";
import { connectQemu } from "./qemu-connection.ts";
import { runVm } from "./running-vm.ts";
import { sandboxCommand } from "./sandbox.ts";
import { startTpm } from "./tpm.ts";
import type { Vm } from "./vm.ts";
import { livenessSocket, makeWorkFolder } from "./work-folder.ts";

/**
 * Starts a VM; it runs when this returns. Dispose it (`await using`) to be sure that nothing of it stays behind.
 * @throws HadronError VM_START_FAILED with QEMU's own words, VM_OPTION, VM_CREDENTIAL, VM_TIMEOUT
 */
export async function startVm(options: VmOptions): Promise<Vm> {
  options.signal?.throwIfAborted();
  const plan = planQemu(options);
  await checkFiles(options);
  const seconds = options.startSeconds ?? 30;

  await using resources = new AsyncDisposableStack();
  const { path: work } = resources.use(await makeWorkFolder());
  for (const { name, content } of plan.files) await writeFile(join(work, name), content, { mode: 0o600 });
  const bindings = [...plan.bindings, ...(await prepareFirmware(options, work))];
  const listen = async (name: string) => resources.use(await listenForOne(join(work, name)));
  await listen(livenessSocket);
  const sockets = {
    control: await listen(names.control),
    console: await listen(names.console),
    report: await listen(names.report),
  };
  if (options.tpm) resources.defer(killer(await startTpm(options, work, seconds)));
  const child = startChild(sandboxCommand(options.tools, work, bindings, plan.command));
  resources.defer(killer(child));

  const connected = await connectQemu(options, child, sockets, seconds, bindings);
  return runVm(options, child, resources.move(), connected);
}

function killer(child: Child): () => Promise<void> {
  return async () => {
    child.kill();
    await child.ended;
  };
}

/** A missing file is told by its own name, not by that of the sandbox. */
async function checkFiles({ disks = [], cdrom, directBoot, tools }: VmOptions): Promise<void> {
  const sets = [tools.vm, tools.sandbox];
  for (const path of [...disks.map((disk) => disk.path), cdrom, directBoot?.kernel, directBoot?.initrd, ...sets]) {
    if (path === undefined) continue;
    await access(path).catch((cause: unknown) => {
      throw new HadronError(`Can't read "${path}", which the VM needs`, {
        kind: "vm",
        code: "VM_START_FAILED",
        at: path,
        hint: sets.includes(path)
          ? `${programName()} toolbox fetch --set vm --set sandbox`
          : "Name a file that is there and that this user may read",
        cause,
      });
    });
  }
}
