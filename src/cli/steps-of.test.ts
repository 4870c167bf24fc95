import { expect, it } from "vitest";
import type { Step } from "../graph/mod.ts";
import { recipe } from "../recipe/mod.ts";
import { mergedPath } from "./commands/why.ts";
import { stepsOf } from "./steps-of.ts";

const script = () => "";
const zlib = recipe({ name: "zlib", summary: "…", build: script, test: script });
const xz = recipe({ name: "xz", summary: "…", build: script, test: script });
const kmod = recipe({ name: "kmod", summary: "…", needs: { libs: [zlib, xz] }, build: script, test: script });
const systemd = recipe({ name: "systemd", summary: "…", needs: { libs: [kmod, xz] }, build: script, test: script });
const recipes = new Map([kmod, systemd, xz, zlib].map((it) => [it.name, it]));

const step = (id: string): [string, Step] => [id, { id, at: "", script: "", env: {}, inputs: [] }];
const names = [...recipes.keys()].flatMap((name) => [name, `${name}:test`]);
const project = { recipes, images: [], graph: { arch: "x86_64", steps: new Map([...names, "cloud:root"].map(step)) } };

it("takes components with their tests, single steps by name, and all components where none is named", () => {
  expect(stepsOf(["zlib", "cloud:root", "zlib"], project, { withTests: true })).toEqual([
    "zlib",
    "zlib:test",
    "cloud:root",
  ]);
  expect(stepsOf(["zlib:test"], project, { withTests: false })).toEqual(["zlib:test"]);
  expect(stepsOf([], project, { withTests: false })).toEqual(["kmod", "systemd", "xz", "zlib"]);
});

it("guesses what was meant by an unknown name", () => {
  expect(() => stepsOf(["sytemd"], project, { withTests: true })).toThrow(
    expect.objectContaining({ code: "COMPONENT_UNKNOWN", hint: expect.stringContaining('Did you mean "systemd"?') }),
  );
});

it("finds files by the old folders' names, which are links", () => {
  expect(mergedPath("/sbin/init")).toBe("/usr/bin/init");
  expect(mergedPath("/usr/sbin/init")).toBe("/usr/bin/init");
  expect(mergedPath("/lib64/libc.so")).toBe("/usr/lib/libc.so");
  expect(mergedPath("/usr/libexec/x")).toBe("/usr/libexec/x");
  expect(mergedPath("/../etc//fstab")).toBe("/etc/fstab");
});
