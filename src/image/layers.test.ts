import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { developmentLayerTable, layerFile, layerOf, layerTable } from "./layer-table.ts";
import { layersScript } from "./layers-step.ts";

let work: string;
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), "hadron-layers-"));
  for (const [component, files] of Object.entries(components))
    for (const [path, text] of Object.entries(files)) {
      put(`needs/components/${component}/${path}`, text);
      put(`needs/root/${path}`, text);
    }
  put("needs/components/zlib/usr/include/zlib.h", "not in the root");
  put("needs/root/etc/shadow", "root:!*:::::::");
  chmodSync(join(work, "needs/root/etc/shadow"), 0o400);
  mkdirSync(join(work, "needs/root/tmp"));
  chmodSync(join(work, "needs/root/tmp"), 0o1777);
  symlinkSync("usr/bin", join(work, "needs/root/bin"));
});
afterEach(() => rmSync(work, { recursive: true }));

const components: Record<string, Record<string, string>> = {
  musl: { "usr/lib/libc.so": "libc" },
  systemd: { "usr/lib/systemd/systemd": "pid 1", "usr/lib/systemd/system/system-a\\x2db.slice": "unit" },
  "of-tomorrow": { "usr/bin/new": "new" },
  zlib: { "usr/lib/libz.so.1": "zlib" },
};

function put(path: string, text: string): void {
  mkdirSync(dirname(join(work, path)), { recursive: true });
  writeFileSync(join(work, path), text);
}

/** Layer archive → its digest. */
function cut(out: string, table = layerTable, names = Object.keys(components)): Record<string, string> {
  for (const folder of [out, `${out}-work`]) mkdirSync(join(work, folder));
  const owners = names.map((name) => ({ name, layer: layerOf(name, table) }));
  const places = { needs: join(work, "needs"), work: join(work, `${out}-work`), out: join(work, out) };
  const script = layersScript(owners, { ...places, compress: "gzip -n" }, table);
  execFileSync("bash", ["--norc", "-euo", "pipefail", "-c", script], {
    env: { PATH: process.env.PATH, SOURCE_DATE_EPOCH: "1767225600", LC_ALL: "C" },
  });
  const archives = readdirSync(join(work, out)).sort();
  return Object.fromEntries(
    archives.map((name) => [
      name,
      createHash("sha256")
        .update(readFileSync(join(work, out, name)))
        .digest("hex"),
    ]),
  );
}

const listed = (archive: string): string[] =>
  execFileSync("tar", ["-tf", join(work, archive)], { encoding: "utf8" })
    .trim()
    .split("\n");

test("every file is in one layer, with its folders; what nobody owns is in the topmost", () => {
  const names = Object.keys(cut("out")).filter((name) => name.endsWith(".tar"));
  expect(names).toEqual(["01-libc.tar", "02-libraries.tar", "08-systemd.tar", "10-rest.tar", "12-os.tar"]);
  expect(listed("out/02-libraries.tar")).toEqual(["usr/", "usr/lib/", "usr/lib/libz.so.1"]);
  expect(listed("out/10-rest.tar")).toEqual(["usr/", "usr/bin/", "usr/bin/new"]);
  expect(listed("out/12-os.tar").filter((path) => !path.startsWith("usr"))).toEqual([
    "bin",
    "etc/",
    "etc/shadow",
    "tmp/",
  ]);
  const files = names.flatMap((name) => listed(`out/${name}`)).filter((path) => !path.endsWith("/"));
  expect(new Set(files).size).toBe(files.length);
  expect(files).toHaveLength(7);
});

test("owner 0:0, one time and the modes of the tree, whoever builds", () => {
  cut("out");
  const lines = execFileSync("tar", ["--utc", "--full-time", "-tvf", join(work, "out/12-os.tar")], {
    encoding: "utf8",
  });
  expect(lines).toMatch(/^-r-------- 0\/0 +14 2026-01-01 00:00:00 etc\/shadow$/m);
  expect(lines).toMatch(/^drwxrwxrwt 0\/0 +0 2026-01-01 00:00:00 tmp\/$/m);
});

test("an update of one component changes its layer alone", () => {
  const before = cut("before");
  expect(cut("again")).toEqual(before);
  put("needs/components/zlib/usr/lib/libz.so.1", "zlib, newer");
  put("needs/root/usr/lib/libz.so.1", "zlib, newer");
  const after = cut("after");
  const changed = Object.keys(after).filter((name) => after[name] !== before[name]);
  expect(changed).toEqual(["02-libraries.tar", "02-libraries.tar.gz"]);
});

/** POSIX.1-2017 pax, "ustar Interchange Format". */
function headersOf(archive: Buffer): Buffer[] {
  const headers: Buffer[] = [];
  for (let at = 0; archive[at] !== 0; ) {
    headers.push(archive.subarray(at, at + 512));
    at += 512 + 512 * Math.ceil(Number.parseInt(archive.toString("latin1", at + 124, at + 135), 8) / 512);
  }
  return headers;
}

test("what is no device has no device numbers, whichever tar wrote it", () => {
  cut("out");
  const archive = readFileSync(join(work, "out/12-os.tar"));
  const headers = headersOf(archive);
  expect(headers.length).toBeGreaterThan(3);
  for (const header of headers) expect(header.subarray(329, 345)).toEqual(Buffer.alloc(16));
});

test("the toolchain is a layer of its own, the lowest, where there is one", () => {
  put("needs/components/gcc/cross/bin/gcc", "compiler");
  put("needs/root/cross/bin/gcc", "compiler");
  const cutTree = cut("out", developmentLayerTable, [...Object.keys(components), "gcc"]);
  const names = Object.keys(cutTree).filter((name) => name.endsWith(".tar"));
  expect(names[0]).toBe("01-toolchain.tar");
  expect(names.at(-1)).toBe("13-os.tar");
  expect(listed("out/01-toolchain.tar")).toEqual(["cross/", "cross/bin/", "cross/bin/gcc"]);
});

test("a name that would be read as a deletion ends the step", () => {
  put("needs/root/usr/.wh.lib", "");
  expect(() => cut("out")).toThrow(/\.wh\./);
});

test("there are at most a dozen layers", () => {
  expect(layerTable.length).toBeLessThanOrEqual(12);
  expect(developmentLayerTable.filter(({ layer }) => layer !== "kernel").length).toBeLessThanOrEqual(12);
});

test.each([[layerTable], [developmentLayerTable]])(
  "no component is in two layers, and their files sort like the table",
  (table) => {
    const named = table.flatMap(({ components }) => components);
    expect(new Set(named).size).toBe(named.length);
    const files = table.map(({ layer }) => layerFile(layer, table));
    expect(files.toSorted()).toEqual(files);
  },
);
