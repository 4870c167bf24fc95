import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { fileOwners, sharedFiles } from "./owners.ts";

let work: string;
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), "hadron-owners-"));
});
afterEach(() => rmSync(work, { recursive: true }));

function put(path: string, content: string): void {
  mkdirSync(dirname(join(work, path)), { recursive: true });
  writeFileSync(join(work, path), content);
}

test("files belong to the component that has the path, whatever stripping did to them", () => {
  put("zlib/usr/lib/libz.so.1.3", "not stripped");
  symlinkSync("libz.so.1.3", join(work, "zlib/usr/lib/libz.so.1"));
  put("busybox/usr/bin/busybox", "bb");
  put("root/usr/lib/libz.so.1.3", "stripped");
  symlinkSync("libz.so.1.3", join(work, "root/usr/lib/libz.so.1"));
  put("root/usr/bin/busybox", "bb");
  put("root/etc/passwd", "root");
  const owners = fileOwners(join(work, "root"), {
    busybox: join(work, "busybox"),
    zlib: join(work, "zlib"),
  });
  expect(Object.fromEntries(owners)).toEqual({
    "etc/passwd": "hadron",
    "usr/bin/busybox": "busybox",
    "usr/lib/libz.so.1": "zlib",
    "usr/lib/libz.so.1.3": "zlib",
  });
});

test("a file that two components bring is found", () => {
  for (const component of ["busybox", "kmod", "root"]) put(`${component}/usr/bin/modprobe`, component);
  put("busybox/usr/bin/busybox", "bb");
  put("root/usr/bin/busybox", "bb");
  const trees = { busybox: join(work, "busybox"), kmod: join(work, "kmod") };
  expect(sharedFiles(join(work, "root"), trees)).toEqual(["usr/bin/modprobe: busybox, kmod"]);
});
