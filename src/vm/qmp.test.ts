import { mkdtemp, rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { listenForOne } from "./listen.ts";
import { openQmp, type QmpEvent } from "./qmp.ts";

const stack = new AsyncDisposableStack();
afterAll(() => stack.disposeAsync());

/** A fake QEMU: greets, then answers each command by `answer`. */
async function fakeQemu(answer: (command: { execute: string; id: number }, socket: Socket) => void) {
  const folder = await mkdtemp(join(tmpdir(), "qmp-"));
  stack.defer(() => rm(folder, { recursive: true }));
  const listener = stack.use(await listenForOne(join(folder, "s")));
  const qemu = connect(join(folder, "s"));
  qemu.on("data", (chunk) => {
    for (const line of chunk.toString().split("\n").filter(Boolean)) answer(JSON.parse(line), qemu);
  });
  qemu.write('{"QMP": {"version": {"qemu": {"major": 10}}, "capabilities": []}}\r\n');
  const events: QmpEvent[] = [];
  const opening = openQmp(await listener.connection, (event) => events.push(event));
  return { opening, events, qemu };
}

const agree = ({ id }: { id: number }, socket: Socket) => socket.write(`{"return": {}, "id": ${id}}\r\n`);

test("negotiates, then answers belong to their commands even out of order", async () => {
  const held: { execute: string; id: number }[] = [];
  const { opening } = await fakeQemu((command, socket) => {
    if (command.execute === "qmp_capabilities") return agree(command, socket);
    held.push(command);
    if (held.length < 2) return;
    for (const { execute, id } of held.reverse()) socket.write(`{"return": "${execute}", "id": ${id}}\n`);
  });
  const qmp = await opening;
  expect(await Promise.all([qmp.execute("one"), qmp.execute("two")])).toEqual(["one", "two"]);
});

test("hands on events, also those cut across packets", async () => {
  const { opening, events, qemu } = await fakeQemu(agree);
  const qmp = await opening;
  qemu.write('{"event": "SHUTDOWN", "data": {"guest": true, "rea');
  qemu.end('son": "guest-shutdown"}, "timestamp": {}}\n');
  await qmp.closed;
  expect(events).toEqual([{ event: "SHUTDOWN", data: { guest: true, reason: "guest-shutdown" } }]);
});

test("tells why a command was refused", async () => {
  const { opening } = await fakeQemu((command, socket) => {
    if (command.execute === "qmp_capabilities") return agree(command, socket);
    socket.write(`{"error": {"class": "GenericError", "desc": "no display"}, "id": ${command.id}}\n`);
  });
  const qmp = await opening;
  await expect(qmp.execute("screendump")).rejects.toThrow('QEMU refused "screendump": no display');
});

test("commands fail when QEMU is gone, before or after they were sent", async () => {
  const { opening } = await fakeQemu((command, socket) => {
    if (command.execute === "qmp_capabilities") agree(command, socket);
    else socket.destroy();
  });
  const qmp = await opening;
  await expect(qmp.execute("stop")).rejects.toThrow("closed its control socket");
  await expect(qmp.execute("cont")).rejects.toMatchObject({ code: "VM_CONTROL" });
});

test("a QEMU that ends before its greeting is an error, not a wait", async () => {
  const folder = await mkdtemp(join(tmpdir(), "qmp-"));
  stack.defer(() => rm(folder, { recursive: true }));
  const listener = stack.use(await listenForOne(join(folder, "s")));
  connect(join(folder, "s")).end();
  await expect(openQmp(await listener.connection, () => {})).rejects.toThrow("before its greeting");
});
