import { access, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { HadronError } from "../base/mod.ts";
import { type Child, startChild } from "./child.ts";
import { within } from "./deadline.ts";
import { endReason } from "./end-reason.ts";
import { vmError } from "./errors.ts";
import { prepareFirmware } from "./firmware.ts";
import { openGuestShell } from "./guest-shell.ts";
import { splitLines } from "./lines.ts";
import { type Listener, listenForOne } from "./listen.ts";
import type { VmOptions } from "./options.ts";
import { names, planQemu } from "./qemu-arguments.ts";
import { openQmp, type QmpEvent } from "./qmp.ts";
import { collectReports, parseReportLine } from "./reports.ts";
import { type Binding, sandboxCommand } from "./sandbox.ts";
import { openSerialConsole } from "./serial-console.ts";
import { startTpm } from "./tpm.ts";
import type { Limit, Vm, VmEnd } from "./vm.ts";
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

  const run = await connect(options, child, sockets, seconds, bindings);
  const owned = resources.move();
  return runningVm(options, child, owned, run);
}

interface Connected {
  qmp: Awaited<ReturnType<typeof openQmp>>;
  events: QmpEvent[];
  onEvent: { listener?: (event: QmpEvent) => void };
  console: ReturnType<typeof openSerialConsole>;
  report: Awaited<Listener["connection"]>;
}

async function connect(
  options: VmOptions,
  child: Child,
  sockets: Record<"control" | "console" | "report", Listener>,
  seconds: number,
  bindings: Binding[],
): Promise<Connected> {
  const events: QmpEvent[] = [];
  const onEvent: Connected["onEvent"] = {};
  const receive = (event: QmpEvent) => {
    events.push(event);
    onEvent.listener?.(event);
  };
  const words = () => ({ stderr: withHostPaths(child.output(), bindings) });
  const ended = child.ended.then(({ code }) => {
    throw vmError(
      "VM_START_FAILED",
      `QEMU ended with status ${code} before the VM ran`,
      words(),
      "hadron doctor tells what this machine lacks",
    );
  });
  const opened = Promise.all([
    sockets.control.connection.then((socket) => openQmp(socket, receive)),
    sockets.console.connection,
    sockets.report.connection,
  ]);
  // Whichever loses the race may still fail later.
  opened.catch(() => {});
  ended.catch(() => {});
  const late = () => vmError("VM_TIMEOUT", `QEMU did not answer within ${seconds} s`, words());
  const [qmp, console, report] = await within(seconds, Promise.race([opened, ended]), late).catch(async (error) => {
    // When QEMU dies its sockets close first; its status and words say more than that.
    if (error instanceof HadronError && error.code === "VM_CONTROL") await within(5, ended, () => error);
    throw error;
  });
  return {
    qmp,
    events,
    onEvent,
    console: openSerialConsole(console, { log: options.consoleLog, onLine: options.onConsoleLine }),
    report,
  };
}

async function runningVm(options: VmOptions, child: Child, owned: AsyncDisposableStack, run: Connected): Promise<Vm> {
  const { qmp, console, events } = run;
  const name = options.name ?? "vm";
  let wasKilled = false;
  const kill = () => {
    wasKilled = true;
    child.kill();
  };
  const evidence = () => ({ console: console.text() });
  const reports = collectReports();
  const qemuEvents = collectReports();
  const shell = openGuestShell((line) => void run.report.write(line), evidence);

  run.report.on(
    "data",
    splitLines((line) => {
      const message = parseReportLine(line);
      if (message === undefined) return;
      if (typeof message.report === "string") {
        if (message.report === "ready") shell.ready(String(message.value));
        reports.add({ name: message.report, value: message.value });
      } else shell.answer(message);
    }),
  );
  run.onEvent.listener = (event) => {
    if (event.event === "RESET") shell.reset();
    qemuEvents.add({ name: event.event, value: event.data });
  };
  options.signal?.addEventListener("abort", kill);

  const exited = (async (): Promise<VmEnd> => {
    const { code } = await child.ended;
    await Promise.all([qmp.closed, console.closed]);
    const reason = endReason(events, code, wasKilled);
    const over = () =>
      reason === "died"
        ? vmError("VM_DIED", `QEMU of VM "${name}" died with status ${code}`, { ...evidence(), stderr: child.output() })
        : vmError("VM_NO_REPORT", `VM "${name}" ended (${reason}) before it gave what was waited for`, evidence());
    for (const part of [reports, qemuEvents, shell]) part.end(over);
    options.signal?.removeEventListener("abort", kill);
    await owned.disposeAsync();
    return { code, reason };
  })();

  const waitForExit = ({ seconds }: Limit) =>
    within(seconds, exited, () => vmError("VM_TIMEOUT", `VM "${name}" did not end within ${seconds} s`, evidence()));
  const cut = () => {
    kill();
    return exited;
  };

  await qmp.execute("cont");
  return {
    exited,
    waitForExit,
    reports: { [Symbol.asyncIterator]: () => reports.stream()[Symbol.asyncIterator]() },
    waitForReport: (report, { seconds }) =>
      reports.take(report, {
        seconds,
        late: () => vmError("VM_TIMEOUT", `Waited ${seconds} s for the report "${report}" of VM "${name}"`, evidence()),
      }),
    waitForEvent: (event, { seconds }) =>
      qemuEvents.take(event, {
        seconds,
        late: () => vmError("VM_TIMEOUT", `Waited ${seconds} s for the event "${event}" of VM "${name}"`, evidence()),
      }),
    sh: (script, { seconds = 60, readySeconds = 600 } = {}) => shell.run(script, { seconds, readySeconds }),
    console,
    qmp,
    async powerdown({ seconds } = { seconds: 120 }) {
      await qmp.execute("system_powerdown");
      return waitForExit({ seconds }).catch(async (error) => {
        await cut();
        throw error;
      });
    },
    async reset() {
      await qmp.execute("system_reset");
    },
    async quit() {
      // QEMU may be gone before its answer is read; that is what was asked for.
      await qmp.execute("quit").catch(() => {});
      return waitForExit({ seconds: 30 }).catch(cut);
    },
    cut,
    async [Symbol.asyncDispose]() {
      if (!child.hasEnded()) kill();
      await exited;
    },
  };
}

function killer(child: Child): () => Promise<void> {
  return async () => {
    child.kill();
    await child.ended;
  };
}

/** A missing file is told by its own name, not by that of the sandbox. */
async function checkFiles({ disks = [], cdrom, directBoot, tools }: VmOptions): Promise<void> {
  const files = [
    ...disks.map(({ path }) => path),
    cdrom,
    directBoot?.kernel,
    directBoot?.initrd,
    tools.vm,
    tools.sandbox,
  ];
  for (const path of files) {
    if (path === undefined) continue;
    await access(path).catch((cause: unknown) => {
      throw new HadronError(`Can't read "${path}", which the VM needs`, {
        kind: "vm",
        code: "VM_START_FAILED",
        at: path,
        cause,
      });
    });
  }
}

/** QEMU's messages name files as the sandbox has them. */
function withHostPaths(text: string, bindings: Binding[]): string {
  return bindings.reduce((result, { from, to }) => result.replaceAll(`${to}/`, `${from}/`), text);
}
