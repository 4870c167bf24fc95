import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Event, sha256 } from "../../base/mod.ts";
import { serve } from "../sources/test-server.ts";
import { packagePath } from "./fetch.ts";
import type { LockedPackage, ToolboxLock } from "./lock.ts";
import type { ToolboxSet } from "./sets.ts";
import { makeDeb } from "./test-deb.ts";
import { type EnsureOptions, ensureToolboxSet } from "./unpack.ts";

const set: ToolboxSet = {
  summary: "a test",
  packages: ["a", "b", "c"],
  links: { bin: "usr/bin", lib: "usr/lib", "usr/bin/awk": "gawk" },
  files: { "etc/hosts": "127.0.0.1 localhost\n" },
  directories: ["proc", "var/tmp"],
};

const debs = {
  a: await makeDeb(
    {
      "./usr/bin/": "",
      "./usr/bin/gawk": { text: "#!/bin/sh\n", mode: 0o755 },
      "./usr/share/doc/a/": "",
      "./usr/share/doc/a/copyright": "x",
      "./usr/share/man/man1/a.1": "x",
      "./usr/share/documents/kept": "x",
    },
    "xz",
  ),
  b: await makeDeb({ "./bin/": "", "./bin/su": { text: "su", mode: 0o4755 }, "./lib/": "", "./lib/x": "x" }, "gz"),
  c: await makeDeb({ "./etc/secret": { text: "s", mode: 0o600 }, "./usr/lib/so": { link: "x" } }, "zst"),
};

let home: string;
let mirror: string;
let options: EnsureOptions & { lock: ToolboxLock };
let packages: LockedPackage[];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "hadron-toolbox-"));
  mirror = join(home, "mirror");
  mkdirSync(mirror);
  packages = Object.entries(debs).map(([name, data]) => publish(name, data));
  const lock = { suite: "test", date: "2026-01-01T00:00:00.000Z", sets: { test: { packages } } };
  options = { cacheRoot: join(home, "cache"), sets: { test: set }, lock, mirrors: [mirror] };
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function publish(name: string, data: Buffer): LockedPackage {
  const file = `pool/main/${name}_1_all.deb`;
  writeFileSync(join(mirror, `${name}_1_all.deb`), data);
  return { name, version: "1", file, sha256: sha256(data), size: data.length };
}

test("unpacks packages of every compression into one tree with merged /usr, links, files and mount points", async () => {
  const { path, digest } = await ensureToolboxSet("test", options);
  expect(path).toBe(join(options.cacheRoot, "toolbox", digest));
  expect(readdirSync(path).sort()).toEqual(["bin", "etc", "lib", "proc", "usr", "var"]);
  expect(readlinkSync(join(path, "bin"))).toBe("usr/bin");
  expect(readdirSync(join(path, "usr/bin")).sort()).toEqual(["awk", "gawk", "su"]);
  expect(readFileSync(join(path, "usr/lib/so"), "utf8")).toBe("x");
  expect(readFileSync(join(path, "etc/hosts"), "utf8")).toBe("127.0.0.1 localhost\n");
  expect(readdirSync(join(path, "usr/share"))).toEqual(["documents"]);
  expect(readdirSync(join(options.cacheRoot, "toolbox"))).toEqual([digest]);
});

test("makes all readable and nothing setuid, whatever this user's umask is", async () => {
  const before = process.umask(0o077);
  try {
    const { path } = await ensureToolboxSet("test", options);
    const mode = (name: string) => (lstatSync(join(path, name)).mode & 0o7777).toString(8);
    expect(["usr/bin/su", "etc/secret", "etc/hosts", "usr/lib", "var/tmp", "."].map(mode)).toEqual([
      "755",
      "644",
      "644",
      "755",
      "755",
      "755",
    ]);
  } finally {
    process.umask(before);
  }
});

test("does nothing the second time, and once for two that ask at once", async () => {
  const events: Event[] = [];
  const emit = (event: Event) => void events.push(event);
  const [first, second] = await Promise.all([
    ensureToolboxSet("test", { ...options, emit }),
    ensureToolboxSet("test", { ...options, emit }),
  ]);
  expect(second).toEqual(first);
  expect(events.filter(({ type }) => type === "fetch-end")).toHaveLength(3);
  events.length = 0;
  expect(await ensureToolboxSet("test", { ...options, emit, offline: true })).toEqual(first);
  expect(events).toEqual([]);
});

test("changes its digest with packages and links, not with where packages come from or the summary", async () => {
  const { digest } = await ensureToolboxSet("test", options);
  const digestOf = async (changed: Partial<ToolboxSet>, list = packages) => {
    const lock = { ...options.lock, sets: { test: { packages: list } } };
    return (await ensureToolboxSet("test", { ...options, lock, sets: { test: { ...set, ...changed } } })).digest;
  };
  expect(await digestOf({ summary: "other" })).toBe(digest);
  expect(await digestOf({ links: {} })).not.toBe(digest);
  expect(await digestOf({}, packages.slice(1))).not.toBe(digest);
});

test("removes half-made trees of processes that are gone, and leaves those of others alone", async () => {
  const trees = join(options.cacheRoot, "toolbox");
  const dead = join(trees, `${"a".repeat(64)}.${2 ** 22 + 1}.part`);
  const alive = join(trees, `${"b".repeat(64)}.${process.ppid}.part`);
  for (const path of [dead, alive]) mkdirSync(join(path, "usr"), { recursive: true });
  await ensureToolboxSet("test", options);
  expect(existsSync(dead)).toBe(false);
  expect(existsSync(alive)).toBe(true);
});

test("fetches a package anew that was damaged in the cache", async () => {
  const first = packages[0] as LockedPackage;
  mkdirSync(join(options.cacheRoot, "packages"), { recursive: true });
  writeFileSync(packagePath(options.cacheRoot, first.sha256), Buffer.alloc(first.size));
  await ensureToolboxSet("test", options);
  expect(sha256(readFileSync(packagePath(options.cacheRoot, first.sha256)))).toBe(first.sha256);
});

test("refuses a mirror's other bytes, says what cannot be had and how to name a mirror, and leaves no tree", async () => {
  writeFileSync(join(mirror, "b_1_all.deb"), Buffer.alloc(packages[1]?.size ?? 0));
  await expect(ensureToolboxSet("test", options)).rejects.toMatchObject({ kind: "source", code: "TOOLBOX_DIGEST" });
  rmSync(join(mirror, "b_1_all.deb"));
  await expect(ensureToolboxSet("test", options)).rejects.toMatchObject({
    kind: "source",
    code: "PACKAGE_UNREACHABLE",
    at: "pool/main/b_1_all.deb",
    hint: expect.stringContaining("HADRON_DEBIAN_MIRROR"),
  });
  await expect(ensureToolboxSet("test", { ...options, offline: true })).rejects.toThrow("the network is off");
  expect(existsSync(join(options.cacheRoot, "toolbox"))).toBe(false);
});

test("asks no server for packages when offline, and takes them from a folder all the same", async () => {
  await using server = await serve({});
  const offline = { ...options, offline: true };
  await expect(ensureToolboxSet("test", { ...offline, mirrors: [server.url] })).rejects.toMatchObject({
    code: "PACKAGE_UNREACHABLE",
    message: expect.stringContaining("the network is off"),
    hint: "Run the same command once without --offline",
  });
  expect(existsSync((await ensureToolboxSet("test", { ...offline, mirrors: [server.url, mirror] })).path)).toBe(true);
  expect(server.requests).toEqual([]);
});

test("refuses a package that cannot be unpacked, and leaves no tree", async () => {
  const bad = publish("b", (await makeDeb({ "./x": "x".repeat(5000) }, "none")).subarray(0, -4096));
  options.lock.sets.test = { packages: [bad] };
  await expect(ensureToolboxSet("test", options)).rejects.toMatchObject({ code: "AR_DAMAGED" });
  const rotten = await makeDeb({ "./x": "x".repeat(50_000) }, "xz");
  rotten.fill(0, rotten.length - 100, rotten.length - 50);
  options.lock.sets.test = { packages: [publish("c", rotten)] };
  await expect(ensureToolboxSet("test", options)).rejects.toMatchObject({ kind: "source", code: "PACKAGE_DAMAGED" });
  expect(readdirSync(join(options.cacheRoot, "toolbox"))).toEqual([]);
});

test.each(["nosuch", "constructor"])("knows which sets there are (%s)", async (name) => {
  await expect(ensureToolboxSet(name, options)).rejects.toMatchObject({
    kind: "input",
    code: "TOOLBOX_SET_UNKNOWN",
  });
});
