import { HadronError } from "../base/mod.ts";
import type { Child } from "./child.ts";
import { within } from "./deadline.ts";
import { vmError } from "./errors.ts";
import type { Listener } from "./listen.ts";
import type { VmOptions } from "./options.ts";
import { openQmp, type QmpEvent } from "./qmp.ts";
import type { Binding } from "./sandbox.ts";
import { openSerialConsole } from "./serial-console.ts";

/** QEMU's ends of all sockets, held by us. */
export interface Connected {
  qmp: Awaited<ReturnType<typeof openQmp>>;
  events: QmpEvent[];
  onEvent: { listener?: (event: QmpEvent) => void };
  console: ReturnType<typeof openSerialConsole>;
  report: Awaited<Listener["connection"]>;
}

/**
 * Waits until QEMU is connected to all sockets; it still holds the guest's start back.
 * @throws HadronError VM_START_FAILED, VM_TIMEOUT
 */
export async function connectQemu(
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
    throw vmError("VM_START_FAILED", `QEMU ended with status ${code} before the VM ran`, words());
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

/** QEMU's messages name files as the sandbox has them. */
function withHostPaths(text: string, bindings: Binding[]): string {
  return bindings.reduce((result, { from, to }) => result.replaceAll(`${to}/`, `${from}/`), text);
}
