import type { Duplex } from "node:stream";
import { vmError } from "./errors.ts";
import { splitLines } from "./lines.ts";

export interface QmpEvent {
  event: string;
  data?: Record<string, unknown>;
}

/** QEMU's machine protocol: https://www.qemu.org/docs/master/interop/qmp-spec.html. */
export interface Qmp {
  /**
   * Runs a command and gives its `return` value.
   * @throws HadronError VM_CONTROL when QEMU refuses it or is gone.
   */
  execute(command: string, options?: Record<string, unknown>): Promise<unknown>;
  /** When QEMU closed the connection: no event comes after it. */
  closed: Promise<void>;
}

interface Message extends Partial<QmpEvent> {
  QMP?: unknown;
  id?: number;
  return?: unknown;
  error?: { class: string; desc: string };
}

interface Waiting {
  command: string;
  resolve: (value: unknown) => void;
  reject: (error: Error) => void;
}

/** Speaks QMP on a fresh connection: reads the greeting, leaves the negotiation mode. */
export async function openQmp(stream: Duplex, onEvent: (event: QmpEvent) => void): Promise<Qmp> {
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  let isClosed = false;
  const greeting = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<void>();

  const receive = (line: string) => {
    if (line.trim() === "") return;
    const message = JSON.parse(line) as Message;
    if (message.QMP !== undefined) greeting.resolve();
    if (message.event !== undefined) onEvent({ event: message.event, ...(message.data && { data: message.data }) });
    const asked = message.id === undefined ? undefined : waiting.get(message.id);
    if (asked === undefined || message.id === undefined) return;
    waiting.delete(message.id);
    if (message.error) asked.reject(vmError("VM_CONTROL", `QEMU refused "${asked.command}": ${message.error.desc}`));
    else asked.resolve(message.return);
  };
  const end = () => {
    if (isClosed) return;
    isClosed = true;
    greeting.reject(vmError("VM_CONTROL", "QEMU closed its control socket before its greeting"));
    for (const { command, reject } of waiting.values()) reject(gone(command));
    waiting.clear();
    closed.resolve();
  };
  stream.on("data", splitLines(receive)).on("end", end).on("close", end).on("error", end);

  const execute = (command: string, options?: Record<string, unknown>) =>
    new Promise<unknown>((resolve, reject) => {
      if (isClosed) return reject(gone(command));
      const id = ++lastId;
      waiting.set(id, { command, resolve, reject });
      stream.write(`${JSON.stringify({ execute: command, ...(options && { arguments: options }), id })}\n`);
    });

  await greeting.promise;
  await execute("qmp_capabilities");
  return { execute, closed: closed.promise };
}

function gone(command: string): Error {
  return vmError("VM_CONTROL", `QEMU closed its control socket before it answered "${command}"`);
}
