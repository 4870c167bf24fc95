import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { expect, it } from "vitest";
import { useProxyOf } from "./proxy.ts";

it("asks by the proxy of the environment, but not those that it excepts", async () => {
  const asked: string[] = [];
  const server = createServer((_, response) => response.end("the file"));
  server.on("connect", ({ url }, socket: Socket) => {
    asked.push(url ?? "");
    const onward = connect(portOf(server), "127.0.0.1", () => socket.write("HTTP/1.1 200 OK\r\n\r\n"));
    socket.pipe(onward).pipe(socket);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const url = `http://127.0.0.1:${portOf(server)}`;
  try {
    useProxyOf({ http_proxy: url, no_proxy: "127.0.0.1" });
    expect(await (await fetch("http://upstream.invalid/file")).text()).toBe("the file");
    expect(await (await fetch(`${url}/file`)).text()).toBe("the file");
    expect(asked).toEqual(["upstream.invalid:80"]);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

function portOf(server: { address(): unknown }): number {
  return (server.address() as AddressInfo).port;
}
