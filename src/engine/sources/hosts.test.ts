import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { expect, it } from "vitest";
import { rememberHosts } from "./hosts.ts";
import { serve } from "./test-server.ts";

it("gives up a host that accepts and stays silent after the seconds given, and remembers it", async () => {
  let connections = 0;
  const silent = createServer((socket) => {
    connections++;
    socket.on("error", () => {});
  });
  await new Promise<void>((listening) => silent.listen(0, "127.0.0.1", listening));
  const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const hosts = rememberHosts();
  expect(await hosts.whyUnreachable(`${url}/a`, 0.1)).toBe("no answer within 0.1 s");
  expect(await hosts.whyUnreachable(`${url}/b`, 60)).toBe("no answer within 0.1 s");
  expect(connections).toBe(1);
  silent.close();
});

it("takes any answer as a sign of life, and says why there is none", async () => {
  await using server = await serve({});
  const hosts = rememberHosts();
  expect(await hosts.whyUnreachable(`${server.url}/a`, 5)).toBeUndefined();
  expect(await hosts.whyUnreachable("http://127.0.0.1:1/a", 5)).toMatch(/bad port|ECONNREFUSED/);
});
