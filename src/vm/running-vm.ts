import type { Child } from "./child.ts";
import { within } from "./deadline.ts";
import { endReason } from "./end-reason.ts";
import { vmError } from "./errors.ts";
import { openGuestShell } from "./guest-shell.ts";
import { splitLines } from "./lines.ts";
import type { VmOptions } from "./options.ts";
import type { Connected } from "./qemu-connection.ts";
import { collectReports, parseReportLine } from "./reports.ts";
import type { Limit, Vm, VmEnd } from "./vm.ts";

/** Lets the guest run, and gives the handle of it. When QEMU ends, everything in `owned` is disposed. */
export async function runVm(
  options: VmOptions,
  child: Child,
  owned: AsyncDisposableStack,
  run: Connected,
): Promise<Vm> {
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
    return { code, reason, ...(reason === "died" ? { error: over() } : {}) };
  })();

  const waitForExit = ({ seconds }: Limit) =>
    within(seconds, exited, () => vmError("VM_TIMEOUT", `VM "${name}" did not end within ${seconds} s`, evidence()));
  const cut = () => {
    kill();
    return exited;
  };

  if (options.signal?.aborted) kill();
  await qmp.execute("cont").catch(async (error) => {
    await cut();
    throw error;
  });
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
