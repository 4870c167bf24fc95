import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Event, sha256 } from "../base/mod.ts";
import { type DownloadOptions, download } from "./download.ts";
import { serve } from "./sources/test-server.ts";

const content = Buffer.alloc(1_000_000, "0123456789abcdef!");
const wanted = { sha256: sha256(content), size: content.length, name: "thing" };
const deadPid = 2 ** 22 + 1;

let directory: string;
let to: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "hadron-download-"));
  to = join(directory, "deep", "thing");
});
afterEach(() => rmSync(directory, { recursive: true }));

const get = (url: string, more: Partial<DownloadOptions> = {}) => download({ url, to, ...wanted, ...more });

/** What breaks off after so many bytes of the body. */
function cut(response: ServerResponse, bytes: number, from = 0): void {
  if (from > 0) response.writeHead(206, { "content-range": `bytes ${from}-${content.length - 1}/${content.length}` });
  else response.writeHead(200, { "content-length": content.length });
  response.write(content.subarray(from, from + bytes), () => response.destroy());
}

function leavePart(data: Uint8Array): void {
  writeFileSync(`${to}.${deadPid}.0.part`, data);
}

/** What has come of the file so far. */
function partBytes(): number {
  const folder = dirname(to);
  const part = readdirSync(folder).find((name) => name.endsWith(".part"));
  return part === undefined ? 0 : statSync(join(folder, part)).size;
}

test("brings a file, tells how far it is, and leaves nothing beside it", async () => {
  await using server = await serve({ "/thing": content });
  const events: Event[] = [];
  const got = await get(`${server.url}/thing`, { emit: (event) => events.push(event) });
  expect(got).toEqual({ sha256: wanted.sha256, size: content.length });
  expect(readFileSync(to).equals(content)).toBe(true);
  expect(readdirSync(join(directory, "deep"))).toEqual(["thing"]);
  expect(events.map(({ type }) => type).filter((type, index, all) => type !== all[index - 1])).toEqual([
    "fetch-start",
    "fetch-progress",
    "fetch-end",
  ]);
});

test("goes on where an interrupted download of a process that is gone ended", async () => {
  await using server = await serve({ "/thing": content });
  to = join(directory, "thing");
  leavePart(content.subarray(0, 600_000));
  await get(`${server.url}/thing`);
  expect(server.requests).toEqual(["GET /thing bytes=600000-"]);
  expect(readFileSync(to).equals(content)).toBe(true);
  expect(readdirSync(directory)).toEqual(["thing"]);
});

test("starts afresh when the server knows no ranges, or the part was of another file", async () => {
  to = join(directory, "thing");
  leavePart(content.subarray(0, 1000));
  await using without = await serve({ "/thing": (_, response) => void response.end(content) });
  await get(`${without.url}/thing`);
  expect(readFileSync(to).equals(content)).toBe(true);

  rmSync(to);
  leavePart(Buffer.alloc(600_000, "something else"));
  await using server = await serve({ "/thing": content });
  await get(`${server.url}/thing`);
  expect(server.requests).toEqual(["GET /thing bytes=600000-", "GET /thing"]);
  expect(readFileSync(to).equals(content)).toBe(true);
});

test("goes on by itself when the connection breaks, and says where it ended when it breaks again and again", async () => {
  let tries = 0;
  await using server = await serve({
    "/once": (request, response) => {
      if (request.headers.range === undefined) cut(response, 300_000);
      else cut(response, content.length, Number(/\d+/.exec(request.headers.range)?.[0]));
    },
    "/always": (_, response) => {
      tries++;
      cut(response, 0);
    },
    "/short": (request, response) => {
      if (request.headers.range === undefined) response.end(content.subarray(0, 10));
      else response.writeHead(416).end();
    },
  });
  await get(`${server.url}/once`);
  expect(readFileSync(to).equals(content)).toBe(true);
  rmSync(to);

  await expect(get(`${server.url}/always`)).rejects.toMatchObject({ kind: "source", code: "DOWNLOAD_UNREACHABLE" });
  expect(tries).toBe(1);
  await expect(get(`${server.url}/short`)).rejects.toMatchObject({
    kind: "source",
    code: "DOWNLOAD_TRUNCATED",
    at: `${server.url}/short`,
    message: 'Could not download "thing": ended after 10 of 1000000 bytes',
  });
  expect(existsSync(to)).toBe(false);
});

test("refuses other bytes than the lock's and keeps nothing of them", async () => {
  await using server = await serve({
    "/wrong": Buffer.alloc(content.length),
    "/longer": Buffer.concat([content, content]),
  });
  for (const path of ["/wrong", "/longer"]) {
    const url = server.url + path;
    await expect(get(url)).rejects.toMatchObject({ kind: "source", code: "DOWNLOAD_DIGEST", at: url });
    expect(existsSync(to)).toBe(false);
  }
  await expect(get(`${server.url}/wrong`, { size: 1_000_000 })).rejects.toThrow(`expected ${wanted.sha256}`);
});

test("tells a missing file, a broken server, a closed port and an unknown host apart", async () => {
  const server = await serve({ "/broken": (_, response) => void response.writeHead(503).end() });
  const events: string[] = [];
  await expect(get(`${server.url}/nosuch`, { emit: ({ type }) => events.push(type) })).rejects.toMatchObject({
    code: "DOWNLOAD_NOT_FOUND",
    message: 'Could not download "thing": the server answered 404',
  });
  expect(events).toEqual(["fetch-start", "fetch-failed"]);
  await expect(get(`${server.url}/broken`)).rejects.toMatchObject({ code: "DOWNLOAD_UNREACHABLE" });
  await server[Symbol.asyncDispose]();
  // Where no test's server listens: the port itself may be another test's by now.
  await expect(get(`${server.url.replace("127.0.0.1", "127.0.0.2")}/thing`)).rejects.toMatchObject({
    code: "DOWNLOAD_UNREACHABLE",
    message: expect.stringContaining("ECONNREFUSED"),
  });
  await expect(get("http://nosuch.invalid/thing")).rejects.toMatchObject({ code: "DOWNLOAD_UNREACHABLE" });
  expect(existsSync(to)).toBe(false);
});

test("gives up on a server that sends nothing any more", async () => {
  await using server = await serve({
    "/silent": () => {},
    "/stuck": (_, response) => void response.writeHead(200).write("x"),
  });
  await expect(get(`${server.url}/silent`, { idleSeconds: 0.1 })).rejects.toThrow("no byte for 0.1 s");
  await expect(get(`${server.url}/stuck`, { idleSeconds: 0.1 })).rejects.toMatchObject({ code: "DOWNLOAD_TRUNCATED" });
});

test("stops when told to, keeping what it has", async () => {
  const stop = new AbortController();
  await using server = await serve({
    "/thing": async (_, response) => {
      response.write(content.subarray(0, 500_000));
      await vi.waitFor(() => expect(partBytes()).toBe(500_000), { timeout: 20_000, interval: 5 });
      stop.abort(new Error("interrupted"));
    },
  });
  await expect(get(`${server.url}/thing`, { signal: stop.signal })).rejects.toThrow("interrupted");
  await using whole = await serve({ "/thing": content });
  await get(`${whole.url}/thing`);
  expect(whole.requests).toEqual(["GET /thing bytes=500000-"]);
});

test("brings the same file twice at once", async () => {
  await using server = await serve({ "/thing": content });
  await Promise.all([get(`${server.url}/thing`), get(`${server.url}/thing`), get(`${server.url}/thing`)]);
  expect(readFileSync(to).equals(content)).toBe(true);
  expect(readdirSync(join(directory, "deep"))).toEqual(["thing"]);
});

test("takes files of this machine, and whatever size and digest they have when none is given", async () => {
  const from = join(directory, "from");
  writeFileSync(from, "hello");
  const got = await download({ url: from, to, name: "hello" });
  expect(got).toEqual({ sha256: sha256("hello"), size: 5 });
  await download({ url: `file://${from}`, to, name: "hello" });
  await expect(download({ url: `${from}-not`, to, name: "x" })).rejects.toMatchObject({ code: "DOWNLOAD_NOT_FOUND" });
});

test("says that the cache cannot be written when it can't", async () => {
  const from = join(directory, "from");
  writeFileSync(from, "hello");
  const taken = { url: from, to: join(from, "below", "a-file"), name: "hello" };
  await expect(download(taken)).rejects.toMatchObject({ kind: "store", code: "STORE_READ_ONLY" });
});
