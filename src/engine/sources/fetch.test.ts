import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Event, sha256 } from "../../base/mod.ts";
import { readRecord } from "./blob.ts";
import { chooseCandidate } from "./candidate.ts";
import { ensureSource, fetchSources, type SourceOptions } from "./fetch.ts";
import { rememberHosts } from "./hosts.ts";
import { listSources } from "./list.ts";
import type { SourceCandidate, SourceLock } from "./lock.ts";
import { serve } from "./test-server.ts";
import { refuseDamagedSources, verifySources } from "./verify.ts";

const bytes = "the tarball of zlib";
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "hadron-sources-"));
});
afterEach(() => rmSync(root, { recursive: true }));

function candidate(places: string[], content = bytes, origin: SourceCandidate["origin"] = "upstream"): SourceCandidate {
  return { origin, sha256: sha256(content), size: content.length, places };
}

function lockOf(...candidates: SourceCandidate[]): SourceLock {
  return {
    version: 1,
    sources: { zlib: { version: "1.3.2", licence: "Zlib", homepage: "https://zlib.net/", candidates } },
  };
}

/** No mirror but what a test names: neither this machine's apt nor its environment. */
function options(lock: SourceLock, more: Partial<SourceOptions> = {}): SourceOptions {
  return {
    lock,
    cacheRoot: root,
    hosts: rememberHosts(),
    env: {},
    aptDirectory: root,
    mirror: "http://127.0.0.1:1",
    ...more,
  };
}

const blobs = (): string[] => (existsSync(join(root, "sources")) ? readdirSync(join(root, "sources")) : []).sort();

describe("ensureSource", () => {
  it("fetches from upstream first, keeps the file under its digest and notes where it came from", async () => {
    await using server = await serve({ "/zlib.tar.gz": bytes, "/pool/zlib.tar.gz": bytes });
    const upstream = `${server.url}/zlib.tar.gz`;
    const lock = lockOf(candidate([upstream, "debian:pool/zlib.tar.gz"]));
    const source = await ensureSource("zlib", options(lock, { mirror: server.url }));
    expect(readFileSync(source.path, "utf8")).toBe(bytes);
    expect(source).toMatchObject({ sha256: sha256(bytes), origin: "upstream", version: "1.3.2" });
    expect(await readRecord(root, source.sha256)).toEqual({
      name: "zlib",
      version: "1.3.2",
      origin: "upstream",
      place: upstream,
    });
    await ensureSource("zlib", options(lock));
    expect(server.requests).toEqual(["GET /zlib.tar.gz"]);
  });

  it("goes on to the next place after a 404, and to the next candidate after all places", async () => {
    await using server = await serve({ "/pool/main/z/zlib/repack.tar.gz": "repacked" });
    const lock = lockOf(
      candidate([`${server.url}/gone.tar.gz`, "debian:pool/main/z/zlib/gone.tar.gz"]),
      candidate(["debian:pool/main/z/zlib/repack.tar.gz"], "repacked", "debian-repack"),
    );
    const source = await ensureSource("zlib", options(lock, { mirror: server.url }));
    expect(source).toMatchObject({ sha256: sha256("repacked"), origin: "debian-repack" });
    expect(server.requests).toHaveLength(3);
    // Upstream is back: what is fetched stays, or the keys of all steps would change.
    expect(chooseCandidate("zlib", options(lock))).toMatchObject({ sha256: sha256("repacked"), present: true });
  });

  it("takes the file from the user's directory by name or digest before any network", async () => {
    const directory = join(root, "own");
    mkdirSync(directory);
    for (const file of ["zlib-1.3.2.tar.gz", "orig.tar.gz", sha256(bytes)]) {
      writeFileSync(join(directory, file), bytes);
      const lock = lockOf(candidate(["http://127.0.0.1:1/other.tar.gz", "debian:pool/orig.tar.gz"]));
      const source = await ensureSource("zlib", options(lock, { env: { HADRON_SOURCES: directory }, offline: true }));
      expect(readFileSync(source.path, "utf8")).toBe(bytes);
      rmSync(join(directory, file));
      rmSync(source.path);
    }
  });

  it("refuses other bytes, names the place, and keeps nothing", async () => {
    await using server = await serve({ "/zlib.tar.gz": "X".repeat(bytes.length) });
    const place = `${server.url}/zlib.tar.gz`;
    const events: string[] = [];
    const emit = ({ type }: Event): void => void events.push(type);
    const failure = ensureSource("zlib", options(lockOf(candidate([place, `${server.url}/gone`])), { emit }));
    await expect(failure).rejects.toMatchObject({
      code: "SOURCE_DIGEST",
      kind: "source",
      at: "sources.lock.json: sources.zlib",
    });
    await expect(failure).rejects.toThrow(place);
    expect(blobs()).toEqual([]);
    expect(events).toEqual(["fetch-start", "fetch-failed"]);
  });

  it("warns of other bytes at one place and uses the next", async () => {
    await using server = await serve({ "/zlib.tar.gz": "X".repeat(bytes.length), "/pool/zlib.tar.gz": bytes });
    const events: Event[] = [];
    const lock = lockOf(candidate([`${server.url}/zlib.tar.gz`, "debian:pool/zlib.tar.gz"]));
    await ensureSource("zlib", options(lock, { mirror: server.url, emit: (event) => events.push(event) }));
    expect(events.filter(({ type }) => type === "warning")).toMatchObject([{ code: "SOURCE_DIGEST" }]);
    expect(events.filter(({ type }) => type === "fetch-start")).toHaveLength(1);
    expect(events.filter(({ type }) => type === "fetch-end")).toHaveLength(1);
  });

  it("says of a download that breaks off that it was truncated, and resumes it", async () => {
    let isWhole = false;
    await using server = await serve({
      "/zlib.tar.gz": (request, response) => {
        const start = Number(/\d+/.exec(request.headers.range ?? "0")?.[0]);
        const status = start > 0 ? 206 : 200;
        response.writeHead(status, {
          "content-length": bytes.length - start,
          "content-range": `bytes ${start}-${bytes.length - 1}/${bytes.length}`,
        });
        if (isWhole) return void response.end(bytes.slice(start));
        if (start === 0) response.write(bytes.slice(0, 7), () => response.destroy());
        else response.destroy();
      },
    });
    const lock = lockOf(candidate([`${server.url}/zlib.tar.gz`]));
    await expect(ensureSource("zlib", options(lock))).rejects.toMatchObject({
      code: "SOURCE_TRUNCATED",
      kind: "source",
    });
    expect(chooseCandidate("zlib", options(lock)).present).toBe(false);
    isWhole = true;
    const { path } = await ensureSource("zlib", options(lock));
    expect(readFileSync(path, "utf8")).toBe(bytes);
    expect(server.requests.at(-1)).toBe("GET /zlib.tar.gz bytes=7-");
  });

  it("lists every place and why when none can be reached", async () => {
    const lock = lockOf(candidate(["http://127.0.0.1:2/zlib.tar.gz", "debian:pool/zlib.tar.gz"]));
    const failure = ensureSource("zlib", options(lock));
    await expect(failure).rejects.toMatchObject({
      code: "SOURCE_UNREACHABLE",
      hint: expect.stringContaining("HADRON_DEBIAN_MIRROR"),
    });
    await expect(failure).rejects.toThrow("http://127.0.0.1:2/zlib.tar.gz: ");
    await expect(failure).rejects.toThrow("http://127.0.0.1:1/pool/zlib.tar.gz: ");
    expect(blobs()).toEqual([]);
  });

  it("does not ask a host again that did not answer before", async () => {
    await using server = await serve({ "/zlib.tar.gz": bytes, "/pool/zlib.tar.gz": bytes });
    const upstream = server.url.replace("127.0.0.1", "localhost");
    const hosts = rememberHosts();
    hosts.markUnreachable(`${upstream}/other`, "no answer");
    const lock = lockOf(candidate([`${upstream}/zlib.tar.gz`, "debian:pool/zlib.tar.gz"]));
    await ensureSource("zlib", options(lock, { mirror: server.url, hosts }));
    expect(server.requests).toEqual(["GET /pool/zlib.tar.gz"]);
  });

  it("asks nothing of the network when offline", async () => {
    await using server = await serve({ "/zlib.tar.gz": bytes });
    const lock = lockOf(candidate([`${server.url}/zlib.tar.gz`]));
    const failure = ensureSource("zlib", options(lock, { offline: true }));
    await expect(failure).rejects.toMatchObject({
      code: "SOURCE_OFFLINE",
      hint: expect.stringContaining("hadron sources fetch zlib"),
    });
    expect(server.requests).toEqual([]);
  });

  it("refuses a repack when upstream's own bytes are required, even one that is in the store", async () => {
    await using server = await serve({ "/pool/zlib.tar.gz": bytes });
    const lock = lockOf(candidate(["debian:pool/zlib.tar.gz"], bytes, "debian-repack"));
    await ensureSource("zlib", options(lock, { mirror: server.url }));
    const failure = ensureSource("zlib", options(lock, { requireUpstream: true }));
    await expect(failure).rejects.toMatchObject({
      code: "SOURCE_REPACK_REFUSED",
      at: "sources.lock.json: sources.zlib",
    });
  });

  it("downloads once for two that want the same source at the same time", async () => {
    await using server = await serve({ "/zlib.tar.gz": bytes });
    const lock = lockOf(candidate([`${server.url}/zlib.tar.gz`]));
    await Promise.all([ensureSource("zlib", options(lock)), ensureSource("zlib", options(lock))]);
    expect(server.requests).toHaveLength(1);
  });
});

describe("fetchSources", () => {
  it("gets what can be had and then names all that can't", async () => {
    await using server = await serve({ "/good.tar.gz": bytes });
    const entry = lockOf(candidate([`${server.url}/good.tar.gz`])).sources.zlib;
    const bad = lockOf(candidate([`${server.url}/bad.tar.gz`], "bad")).sources.zlib;
    const worse = lockOf(candidate([`${server.url}/worse.tar.gz`], "worse")).sources.zlib;
    if (entry === undefined || bad === undefined || worse === undefined) throw new Error("zlib is in the lock");
    const lock: SourceLock = { version: 1, sources: { bad, good: entry, worse } };
    const failure = fetchSources(["worse", "good", "bad"], options(lock));
    await expect(failure).rejects.toMatchObject({ code: "SOURCE_UNREACHABLE" });
    await expect(failure).rejects.toThrow(/2 sources:\n.*"bad"(.|\n)*"worse"/);
    expect(chooseCandidate("good", options(lock)).present).toBe(true);
  });
});

describe("what is in the store", () => {
  it("is fetched again when it was cut short", async () => {
    await using server = await serve({ "/zlib.tar.gz": bytes });
    const lock = lockOf(candidate([`${server.url}/zlib.tar.gz`]));
    const { path } = await ensureSource("zlib", options(lock));
    writeFileSync(path, bytes.slice(1));
    await ensureSource("zlib", options(lock));
    expect(readFileSync(path, "utf8")).toBe(bytes);
  });

  it("is found damaged by verifySources though its size is right", async () => {
    await using server = await serve({ "/zlib.tar.gz": bytes });
    const lock = lockOf(candidate([`${server.url}/zlib.tar.gz`]));
    const { path } = await ensureSource("zlib", options(lock));
    expect(await verifySources(options(lock))).toMatchObject([{ name: "zlib", outcome: "good" }]);
    writeFileSync(path, bytes.replace("zlib", "zlab"));
    const verified = await verifySources(options(lock));
    expect(verified).toMatchObject([{ name: "zlib", outcome: "damaged", path }]);
    expect(() => refuseDamagedSources(verified)).toThrow(
      expect.objectContaining({ code: "SOURCE_DIGEST", kind: "store" }),
    );
  });

  it("is listed with its origin and place", async () => {
    await using server = await serve({ "/zlib.tar.gz": bytes });
    const place = `${server.url}/zlib.tar.gz`;
    const lock = lockOf(candidate([place]));
    expect(await listSources(options(lock))).toMatchObject([{ name: "zlib", present: false, origin: "upstream" }]);
    await ensureSource("zlib", options(lock));
    expect(await listSources(options(lock))).toMatchObject([{ name: "zlib", licence: "Zlib", present: true, place }]);
  });
});
