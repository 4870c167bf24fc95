import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";

/** A server on a free UDP port of this machine's loopback; a guest of QEMU's user network reaches it at 10.0.2.2. */
export interface UdpServer extends AsyncDisposable {
  port: number;
}

async function serve(answer: (request: Buffer) => Buffer | undefined): Promise<UdpServer> {
  const socket: Socket = createSocket("udp4");
  socket.on("message", (request, { port, address }) => {
    const response = answer(request);
    if (response) socket.send(response, port, address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return {
    port: socket.address().port,
    [Symbol.asyncDispose]: async () => {
      socket.close();
      await once(socket, "close");
    },
  };
}

/** Answers questions for IPv4 addresses of the names, and says of all others that there are none (RFC 1035, section 4). */
export function serveNames(addresses: Record<string, string>): Promise<UdpServer> {
  return serve((request) => {
    const labels: string[] = [];
    let at = 12;
    for (let length = request[at] ?? 0; length > 0; length = request[at] ?? 0) {
      labels.push(request.toString("ascii", at + 1, at + 1 + length));
      at += 1 + length;
    }
    const question = request.subarray(12, at + 5);
    const isAddressWanted = request.readUInt16BE(at + 1) === 1;
    const address = isAddressWanted ? addresses[labels.join(".").toLowerCase()] : undefined;
    const header = Buffer.alloc(12);
    request.copy(header, 0, 0, 2);
    // A response with recursion, as asked; without an address no error either, so that the next type is asked for.
    header.writeUInt16BE(0x8180, 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(address ? 1 : 0, 6);
    if (!address) return Buffer.concat([header, question]);
    const record = Buffer.from([0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...address.split(".").map(Number)]);
    return Buffer.concat([header, question, record]);
  });
}

/** Seconds from 1900, where NTP's time begins, to 1970. */
const ntpEpoch = 2_208_988_800;

/** Tells the time that `now` gives, in seconds since 1970 (RFC 5905, section 7.3). */
export function serveTime(now: () => number): Promise<UdpServer> {
  return serve((request) => {
    if (request.length < 48) return undefined;
    const response = Buffer.alloc(48);
    // No leap second, version 4, mode server; stratum 1; precision 2^-20 s; reference "TEST".
    response.set([0x24, 1, 6, 0xec]);
    response.write("TEST", 12, "ascii");
    request.copy(response, 24, 40, 48);
    const seconds = now() + ntpEpoch;
    for (const at of [16, 32, 40]) {
      response.writeUInt32BE(Math.floor(seconds) >>> 0, at);
      response.writeUInt32BE(Math.floor((seconds % 1) * 2 ** 32) >>> 0, at + 4);
    }
    return response;
  });
}
