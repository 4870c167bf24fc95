import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { recipe, targets } from "../recipe/mod.ts";
import { image } from "./image.ts";
import { initrdStarts, initrdUnits } from "./initrd-contents.ts";
import { bashArray } from "./shell-data.ts";
import { componentsOf, initrdStep, liveInitrdStep, rootStep } from "./steps.ts";

const named = (name: string, libs = [] as ReturnType<typeof recipe>[]) =>
  recipe({ name, summary: "x", needs: { libs }, build: () => "x", test: () => "x" });
const headers = named("linux-headers");
const zlib = named("zlib");
const recipes = new Map(
  [
    headers,
    zlib,
    named("musl"),
    named("toolchain"),
    named("kmod", [zlib]),
    named("linux"),
    named("zstd"),
    named("gen-init-cpio"),
  ].map((one) => [one.name, one]),
);
const get = (name: string) => recipes.get(name) ?? headers;
const plan = {
  image: image({
    name: "cloud",
    summary: "x",
    version: "1.2.3",
    components: [get("kmod"), get("musl")],
    kernel: get("linux"),
    commandLine: [],
    liveCommandLine: [],
    layout: { esp: 512, root: 256, verity: 8 },
    bootTries: 3,
  }),
  target: targets.x86_64,
  recipes,
  at: "images/cloud.ts:1",
};

test("an image has its components, their libraries and the C library, but no kernel headers", () => {
  expect(componentsOf(plan).map(({ name }) => name)).toEqual(["kmod", "musl", "zlib"]);
});

test.each([rootStep, initrdStep, liveInitrdStep])("%o makes a script that bash accepts", (make) => {
  const step = make(plan);
  execFileSync("bash", ["-n"], { input: step.script });
  expect(step.script).not.toContain("undefined");
  expect(make(plan)).toEqual(step);
});

test("the initrd is made from the root tree, and packed by our own programs", () => {
  expect(
    initrdStep(plan).inputs.map((input) => (input.kind === "step" ? `${input.step} ${input.mount}` : input.kind)),
  ).toEqual([
    "gen-init-cpio /sysroot",
    "linux-headers /sysroot",
    "musl /sysroot",
    "zstd /sysroot",
    "toolchain /cross",
    "cloud:root /needs/root",
    "files",
  ]);
});

test("every unit that the initrd starts is in it", () => {
  expect(Object.keys(initrdStarts).filter((unit) => !initrdUnits.includes(unit))).toEqual([]);
});

test("words reach the script as they are", () => {
  const words = ["a b", "it's", "$HOME `x`", "system-a\\x2db.slice"];
  const script = `${bashArray("words", words)}printf '%s\\n' "\${words[@]}"`;
  expect(execFileSync("bash", ["-c", script], { encoding: "utf8" }).trimEnd().split("\n")).toEqual(words);
});
