import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { sha256 } from "../../base/mod.ts";
import { elfFile } from "./elf-fixture.ts";
import { linters, lintRoot, toolboxDigests } from "./mod.ts";

const ours = "GCC: (Hadron) 16.2.0";
const loader = "ld-musl-x86_64.so.1";
let root: string;

function put(path: string, content: string | Buffer, mode = 0o644): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
  chmodSync(join(root, path), mode);
}

function link(path: string, target: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  symlinkSync(target, join(root, path));
}

/** A tree that is as small as a good one can be. */
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "hadron-lint-"));
  for (const folder of ["dev", "proc", "run", "sys", "tmp", "var"]) mkdirSync(join(root, folder));
  chmodSync(join(root, "tmp"), 0o1777);
  for (const [path, target] of Object.entries({ bin: "usr/bin", lib: "usr/lib", root: "var/roothome" }))
    link(path, target);
  put("etc/passwd", "root:x:0:0::/root:/bin/sh\n");
  put("etc/group", "root:x:0:\n");
  put("usr/lib/sysusers.d/00-hadron.conf", "g root 0 -\nu root 0:0 - /root\n");
  put("usr/lib/libc.so", elfFile({ comments: [ours] }), 0o755);
  link(`usr/lib/${loader}`, "libc.so");
  put("usr/bin/busybox", elfFile({ comments: [ours], interpreter: `/lib/${loader}`, needed: ["libc.so"] }), 0o755);
  link("usr/bin/sh", "busybox");
  put("usr/bin/script", "#!/bin/sh\necho hello\n", 0o755);
});

afterEach(() => rmSync(root, { recursive: true }));

function found(toolboxFiles: ReadonlySet<string> = new Set()): string[] {
  return lintRoot(root, { loader, toolboxFiles }).map(({ linter, path }) => `${linter}: ${path}`);
}

test("a good tree has no findings", () => {
  expect(lintRoot(root, { loader, toolboxFiles: new Set() })).toEqual([]);
});

describe("finds what is planted:", () => {
  const violations: Record<string, { plant: () => void; finding: string }> = {
    "a program of another compiler": {
      plant: () => put("usr/bin/x", elfFile({ comments: [ours, "GCC: (Debian 14.2.0-19) 14.2.0"] }), 0o755),
      finding: "compiler: usr/bin/x",
    },
    "a program that hides its compiler": {
      plant: () => put("usr/bin/x", elfFile({}), 0o755),
      finding: "compiler: usr/bin/x",
    },
    "symbols of glibc": { plant: () => put("usr/lib/x", "memcpy@GLIBC_2.14"), finding: "foreign-text: usr/lib/x" },
    "another loader": {
      plant: () => put("usr/bin/x", elfFile({ comments: [ours], interpreter: "/lib64/ld-linux-x86-64.so.2" }), 0o755),
      finding: "libraries: usr/bin/x",
    },
    "another loader's path in a file": {
      plant: () => put("usr/share/x", "exec /lib64/ld-linux-x86-64.so.2"),
      finding: "foreign-text: usr/share/x",
    },
    "a path of the toolbox": {
      plant: () => put("usr/lib/x", "/usr/lib/x86_64-linux-gnu/libz.so"),
      finding: "foreign-text: usr/lib/x",
    },
    "a path of the build": { plant: () => put("usr/lib/x", "at /build/src/x.c:1"), finding: "foreign-text: usr/lib/x" },
    "a path of CMake's build": {
      plant: () => put("usr/lib/x", "/build/cmake/x.c"),
      finding: "foreign-text: usr/lib/x",
    },
    "a path of Meson's build": {
      plant: () => put("usr/lib/x", "/build/meson/x.c"),
      finding: "foreign-text: usr/lib/x",
    },
    "a file beside a recipe": {
      plant: () => put("usr/lib/x", "cp /recipe/x.conf"),
      finding: "foreign-text: usr/lib/x",
    },
    "a missing library": {
      plant: () => put("usr/bin/x", elfFile({ comments: [ours], needed: ["libz.so.1"] }), 0o755),
      finding: "libraries: usr/bin/x",
    },
    "a program with a fixed address": {
      plant: () => put("usr/bin/x", elfFile({ comments: [ours], isPositionIndependent: false }), 0o755),
      finding: "position-independent: usr/bin/x",
    },
    "a program whose addresses can be overwritten": {
      plant: () => put("usr/bin/x", elfFile({ comments: [ours], hasFullRelro: false }), 0o755),
      finding: "relro: usr/bin/x",
    },
    "a program with an executable stack": {
      plant: () => put("usr/bin/x", elfFile({ comments: [ours], hasExecutableStack: true }), 0o755),
      finding: "executable-stack: usr/bin/x",
    },
    "a library whose code is written to": {
      plant: () => put("usr/lib/libx.so", elfFile({ comments: [ours], hasTextRelocations: true }), 0o755),
      finding: "text-relocations: usr/lib/libx.so",
    },
    "a program with libraries in a place of its own": {
      plant: () => put("usr/bin/x", elfFile({ comments: [ours], runpath: "/opt/lib" }), 0o755),
      finding: "runpath: usr/bin/x",
    },
    "a program with symbols": {
      plant: () => put("usr/bin/x", elfFile({ comments: [ours], isUnstripped: true }), 0o755),
      finding: "stripped: usr/bin/x",
    },
    "a program without a stack protector": {
      plant: () => put("usr/bin/x", elfFile({ comments: [ours], codeSize: 100_000 }), 0o755),
      finding: "stack-protector: usr/bin/x",
    },
    "a program without landing pads": {
      plant: () => put("usr/bin/x", elfFile({ comments: [ours], codeSize: 64, hasLandingPads: false }), 0o755),
      finding: "landing-pads: usr/bin/x",
    },
    "a library that nothing needs": {
      plant: () => put("usr/lib/libx.so.1.2", elfFile({ comments: [ours] }), 0o755),
      finding: "unused-libraries: usr/lib/libx.so.1.2",
    },
    "a unit that runs a shell": {
      plant: () => put("usr/lib/systemd/system/x.service", "[Service]\nExecStart=-/bin/sh -c true\n"),
      finding: "unit-programs: usr/lib/systemd/system/x.service",
    },
    "a unit that runs a script": {
      plant: () => put("usr/lib/systemd/system/x.service", "[Service]\nExecStartPre=script\n"),
      finding: "unit-programs: usr/lib/systemd/system/x.service",
    },
    "a generator that is a script": {
      plant: () => put("usr/lib/systemd/system-generators/x", "#!/bin/sh\n", 0o755),
      finding: "unit-programs: usr/lib/systemd/system-generators/x",
    },
    "a setuid program": {
      plant: () => chmodSync(join(root, "usr/bin/busybox"), 0o4755),
      finding: "permissions: usr/bin/busybox",
    },
    "a file that all can write": { plant: () => put("usr/share/x", "x", 0o666), finding: "permissions: usr/share/x" },
    "a header": { plant: () => put("usr/include/x.h", "x"), finding: "leftovers: usr/include/x.h" },
    "a static library": { plant: () => put("usr/lib/libx.a", "x"), finding: "leftovers: usr/lib/libx.a" },
    "a manual page": { plant: () => put("usr/share/man/man1/x.1", "x"), finding: "leftovers: usr/share/man/man1/x.1" },
    "a package manager's applet": { plant: () => link("usr/bin/dpkg", "busybox"), finding: "leftovers: usr/bin/dpkg" },
    "a package database": { plant: () => put("var/lib/dpkg/status", "x"), finding: "leftovers: var/lib/dpkg/status" },
    "something in /var": { plant: () => put("var/lib/x", "x"), finding: "layout: var/lib/x" },
    "something at the top": { plant: () => put("data/x", "x"), finding: "layout: data" },
    "a link to nothing": { plant: () => link("usr/lib/libx.so", "libx.so.1"), finding: "links: usr/lib/libx.so" },
    "links in a circle": {
      plant: () => {
        link("usr/lib/a", "b");
        link("usr/lib/b", "a");
      },
      finding: "links: usr/lib/a",
    },
    "a script without its interpreter": {
      plant: () => put("usr/bin/x", "#!/usr/bin/env perl\n", 0o755),
      finding: "interpreters: usr/bin/x",
    },
    "a user with a number by order": {
      plant: () => put("etc/passwd", "root:x:0:0::/root:/bin/sh\nsystemd-x:x:998:998::/:/\n"),
      finding: "fixed-ids: etc/passwd",
    },
  };
  for (const [name, { plant, finding }] of Object.entries(violations))
    test(name, () => {
      plant();
      expect(found()).toContain(finding);
    });

  test("a file of the toolbox", async () => {
    put("usr/share/x", "the same");
    const toolbox = mkdtempSync(join(tmpdir(), "hadron-toolbox-"));
    mkdirSync(join(toolbox, "usr"));
    writeFileSync(join(toolbox, "usr/y"), "the same");
    writeFileSync(join(toolbox, "usr/empty"), "");
    const digests = await toolboxDigests(toolbox);
    rmSync(toolbox, { recursive: true });
    expect(digests).toEqual(new Set([sha256("the same")]));
    expect(found(digests)).toEqual(["toolbox-files: usr/share/x"]);
  });
});

describe("in an image to build against the OS in", () => {
  const inDevelopment = () =>
    lintRoot(root, { loader, toolboxFiles: new Set(), isForDevelopment: true }).map(({ path }) => path);

  test("headers and static libraries are no findings", () => {
    for (const path of ["usr/include/x.h", "usr/lib/libx.a", "usr/lib/pkgconfig/x.pc"]) put(path, "x");
    expect(inDevelopment()).toEqual([]);
  });

  test("what else does not belong there is", () => {
    for (const path of ["usr/share/man/man1/x.1", "usr/lib/libx.la"]) put(path, "x");
    expect(inDevelopment()).toEqual([
      "usr/lib/libx.la",
      "usr/share/man",
      "usr/share/man/man1",
      "usr/share/man/man1/x.1",
    ]);
  });
});

test("a folder at the top is no link of ours for having a name that every object has", () => {
  put("constructor/x", "x");
  const findings = lintRoot(root, { loader, toolboxFiles: new Set() });
  expect(findings).toMatchObject([{ path: "constructor", what: "Does not belong at the top" }]);
});

test("a link into what exists only later is none to nothing", () => {
  link("etc/resolv.conf", "../run/systemd/resolve/stub-resolv.conf");
  link("usr/lib/systemd/system/x.service", "/dev/null");
  expect(found()).toEqual([]);
});

test("a library that is opened at run time, by one of its names, is needed", () => {
  put("usr/lib/libx.so.1.2", elfFile({ comments: [ours] }), 0o755);
  link("usr/lib/libx.so.1", "libx.so.1.2");
  put("usr/bin/x", elfFile({ comments: [ours], dlopened: ["libx.so.2", "libx.so.1"] }), 0o755);
  expect(found()).toEqual([]);
});

test("every linter says what holds and has a name of its own", () => {
  expect(new Set(linters.map(({ name }) => name)).size).toBe(linters.length);
  for (const { what } of linters) expect(what).toMatch(/^[A-Z].*[^.]$/);
});
