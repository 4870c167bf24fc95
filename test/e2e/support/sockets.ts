import { createServer } from "node:net";
import type { Vm } from "../../../src/vm/mod.ts";
import { ask } from "./boot.ts";

/** A TCP port of this machine that nothing uses. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listens) => server.listen(0, "127.0.0.1", listens));
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  if (address === null || typeof address === "string") throw new Error("This machine gave no port");
  return address.port;
}

/** proc_net_tcp(5) and its like, without the headers. */
export type SocketTables = Record<"tcp" | "tcp6" | "udp" | "udp6", string>;

export async function socketTables(vm: Vm): Promise<SocketTables> {
  const table = (name: string) => ask(vm, `tail -n +2 /proc/net/${name}`);
  return { tcp: await table("tcp"), tcp6: await table("tcp6"), udp: await table("udp"), udp6: await table("udp6") };
}

/** The DHCP client's own ports, for IPv4 and IPv6. */
const dhcpPorts = [68, 546];

/** Sockets that take connections or, not being connected themselves, datagrams: such as `tcp 22`. */
export function listening(tables: SocketTables): string[] {
  return Object.entries(tables)
    .flatMap(([protocol, table]) =>
      table.split("\n").flatMap((line) => {
        const [, local = "", remote = "", state] = line.trim().split(/\s+/);
        const isOpen = protocol.startsWith("tcp") ? state === "0A" : /:0000$/.test(remote);
        const port = Number.parseInt(local.split(":")[1] ?? "", 16);
        return isOpen && !dhcpPorts.includes(port) ? [`${protocol} ${port}`] : [];
      }),
    )
    .sort();
}
