import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { developmentExceptions, developmentFiles } from "./development-contents.ts";
import { bashArray } from "./shell-data.ts";

const triple = "x86_64-hadron-linux-musl";
const script = readFileSync(join(import.meta.dirname, "build-development.sh"), "utf8");

let work: string;
const at = (path: string) => join(work, path);

function put(path: string, text = path): void {
  mkdirSync(dirname(at(path)), { recursive: true });
  writeFileSync(at(path), text);
}

function link(path: string, target: string): void {
  mkdirSync(dirname(at(path)), { recursive: true });
  symlinkSync(target, at(path));
}

/** The script's own places, moved below the work folder. */
function build(): void {
  const moved = script.replace(/(?<=[\s"])\/(sysroot|cross)\b/g, `${work}/$1`);
  const arrays = [
    bashArray("development_files", developmentFiles),
    bashArray("development_exceptions", developmentExceptions),
  ];
  const shell = `shopt -s dotglob extglob globstar nullglob\n${arrays.join("")}${moved}`;
  execFileSync("bash", ["--norc", "-euo", "pipefail", "-c", shell], {
    cwd: at("out"),
    env: { PATH: process.env.PATH, TRIPLE: triple, LC_ALL: "C" },
  });
}

beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), "hadron-development-"));
  for (const name of ["include/zlib.h", "include/libudev.h", "lib/libz.a", "lib/crt1.o", "lib/pkgconfig/zlib.pc"])
    put(`sysroot/usr/${name}`);
  for (const path of ["lib/pkgconfig/libudev.pc", "share/aclocal/pkg.m4", "bin/pkg-config", "bin/xz-config"])
    put(`sysroot/usr/${path}`);
  for (const tree of ["sysroot", "out"]) {
    put(`${tree}/usr/lib/libc.so`, tree === "out" ? "stripped" : "whole");
    put(`${tree}/usr/lib/libz.so.1`);
    put(`${tree}/usr/bin/strings`, "busybox's");
    mkdirSync(at(`${tree}/usr/share`), { recursive: true });
  }
  put("sysroot/usr/lib/libudev.so.1");
  link("sysroot/usr/lib/libz.so", "libz.so.1");
  link("sysroot/usr/lib/libudev.so", "libudev.so.1");
  for (const name of ["gcc", "ld", "strings"]) put(`cross/bin/${triple}-${name}`);
  for (const path of [`bin/${triple}-ld.bfd`, `${triple}/bin/ld`]) put(`cross/${path}`, `cross/bin/${triple}-ld`);
  for (const name of ["libgcc_s.so", "libgcc_s.so.1", "libatomic.so", "libatomic.so.1", "libatomic.a"])
    put(`cross/${triple}/lib/${name}`);
  put(`cross/lib/gcc/${triple}/16/specs`, "own\n\n");
  chmodSync(at(`cross/bin/${triple}-gcc`), 0o555);
});
afterEach(() => rmSync(work, { recursive: true }));

test("headers, archives, start files and names for the linker are added, and what is there already stays", () => {
  build();
  for (const path of ["include/zlib.h", "lib/libz.a", "lib/crt1.o", "lib/pkgconfig/zlib.pc", "share/aclocal/pkg.m4"])
    expect(existsSync(at(`out/usr/${path}`)), path).toBe(true);
  expect(readlinkSync(at("out/usr/lib/libz.so"))).toBe("libz.so.1");
  expect(readFileSync(at("out/usr/lib/libc.so"), "utf8")).toBe("stripped");
  expect(existsSync(at("out/usr/bin/pkg-config"))).toBe(true);
  expect(existsSync(at("out/usr/bin/xz-config"))).toBe(false);
});

test("nothing is said of a library that the root tree does not have", () => {
  build();
  const names = readdirSync(at("out/usr"), { recursive: true, encoding: "utf8" });
  expect(names.filter((name) => name.includes("udev"))).toEqual([]);
});

test("the compiler's programs are on the PATH by short and full names, but take nobody's place", () => {
  build();
  expect(readlinkSync(at("out/usr/bin/gcc"))).toBe(`../../cross/bin/${triple}-gcc`);
  expect(readlinkSync(at(`out/usr/bin/${triple}-gcc`))).toBe(`../../cross/bin/${triple}-gcc`);
  expect(readFileSync(at("out/usr/bin/cc"), "utf8")).toBe(`cross/bin/${triple}-gcc`);
  expect(readFileSync(at("out/usr/bin/strings"), "utf8")).toBe("busybox's");
  expect(readlinkSync(at("out/sysroot"))).toBe(".");
  expect(statSync(at("out/usr/bin/cc")).mode & 0o777).toBe(0o755);
});

test("programs that are there twice become links", () => {
  build();
  expect(readlinkSync(at(`out/cross/${triple}/bin/ld`))).toBe(`../../bin/${triple}-ld`);
  expect(readlinkSync(at(`out/cross/bin/${triple}-ld.bfd`))).toBe(`${triple}-ld`);
  expect(lstatSync(at(`out/cross/bin/${triple}-ld`)).isFile()).toBe(true);
});

test("of the compiler's own libraries the static ones are left, and it asks for them", () => {
  build();
  expect(readdirSync(at(`out/cross/${triple}/lib`))).toEqual(["libatomic.a"]);
  expect(readFileSync(at(`out/cross/lib/gcc/${triple}/16/specs`), "utf8")).toBe("own\n\n*libgcc:\n-lgcc -lgcc_eh\n\n");
});
