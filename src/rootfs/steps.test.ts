import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, test } from "vitest";
import { projectRoot, sha256 } from "../base/mod.ts";
import { listFiles } from "../graph/mod.ts";
import { recipe, targets } from "../recipe/mod.ts";
import { image } from "./image.ts";
import { initrdStarts, initrdUnits } from "./initrd-contents.ts";
import { tpm2Files, tpm2Starts, tpm2Units } from "./initrd-tpm2.ts";
import { componentsOf } from "./plan.ts";
import { bashArray } from "./shell-data.ts";
import type { SourceFacts } from "./source-facts.ts";
import { initrdStep, liveInitrdStep, rootStep } from "./steps.ts";

const named = (name: string, libs = [] as ReturnType<typeof recipe>[]) =>
  recipe({ name, summary: "x", needs: { libs }, build: () => "x", test: () => "x" });
const headers = named("linux-headers");
const zlib = named("zlib");
const recipes = new Map(
  [
    headers,
    zlib,
    named("musl"),
    recipe({ name: "toolchain", summary: "x", output: "cross", bootstrap: true, build: () => "x", test: () => "x" }),
    named("kmod", [zlib]),
    named("linux"),
    named("zstd"),
    named("gen-init-cpio"),
  ].map((one) => [one.name, one]),
);
const sourceFacts = (name: string): SourceFacts => ({
  version: "1.0",
  licence: "MIT",
  homepage: `https://${name}.example/`,
  candidates: [{ origin: "upstream", sha256: sha256(name), places: [`https://${name}.example/${name}.tar.gz`] }],
});
const get = (name: string) => recipes.get(name) ?? headers;
const fields = {
  name: "cloud",
  summary: "x",
  version: "1.2.3",
  components: [get("kmod"), get("musl")],
  kernel: get("linux"),
  commandLine: [],
  liveCommandLine: [],
  layout: { esp: 512, root: 256, verity: 8 },
  bootTries: 3,
};
const plan = {
  image: image(fields),
  target: targets.x86_64,
  recipes,
  sources: new Map([...recipes.keys()].map((name) => [name, sourceFacts(name)])),
  at: "images/cloud.ts:1",
};
const encrypted = { ...plan, image: image({ ...fields, varEncryption: "tpm2" }) };

test("an image has its components, their libraries and the C library, but no kernel headers", () => {
  expect(componentsOf(plan).map(({ name }) => name)).toEqual(["kmod", "musl", "zlib"]);
});

const development = {
  ...plan,
  image: image({
    name: "toolchain",
    summary: "x",
    version: "1.2.3",
    components: [get("kmod"), get("musl"), get("toolchain")],
    development: true,
  }),
};

test("an image for development has kernel headers, what builds, and the toolchain at its own prefix", () => {
  const step = rootStep(development);
  execFileSync("bash", ["-n"], { input: step.script });
  expect(step.script).toContain("'usr/include'");
  expect(step.inputs.flatMap((input) => (input.kind === "step" ? [`${input.step} ${input.mount}`] : []))).toEqual([
    "kmod /sysroot",
    "linux-headers /sysroot",
    "musl /sysroot",
    "zlib /sysroot",
    "toolchain /cross",
    "kmod /needs/components/kmod",
    "linux-headers /needs/components/linux-headers",
    "musl /needs/components/musl",
    "toolchain /needs/components/toolchain/cross",
    "zlib /needs/components/zlib",
  ]);
});

test("other images have nothing of that", () => {
  const added = readFileSync(join(import.meta.dirname, "build-development.sh"), "utf8");
  expect(rootStep(development).script).toContain(added);
  expect(rootStep(plan).script).not.toContain("development");
});

test("the bill of materials comes last, so that it has what is there", () => {
  const last = readFileSync(join(import.meta.dirname, "sbom/build-sbom.sh"), "utf8");
  for (const one of [plan, development]) expect(rootStep(one).script.endsWith(last)).toBe(true);
});

test.each([rootStep, initrdStep, liveInitrdStep])("%o makes a script that bash accepts", (make) => {
  for (const one of [plan, encrypted]) {
    const step = make(one);
    execFileSync("bash", ["-n"], { input: step.script });
    expect(step.script).not.toContain("undefined");
    expect(make(one)).toEqual(step);
  }
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
  expect(Object.keys(tpm2Starts).filter((unit) => !tpm2Units.includes(unit))).toEqual([]);
});

test("what binds /var to a TPM is in images that ask for it, and in no other", () => {
  const files = listFiles(join(projectRoot, "os-tpm2")).map((file) => relative(join(projectRoot, "os-tpm2"), file));
  const named = [...tpm2Files, ...tpm2Units.map((unit) => `usr/lib/systemd/system/${unit}`)];
  expect(files.filter((file) => !named.some((name) => file === name || file.startsWith(`${name}/`)))).toEqual([]);
  for (const name of [...tpm2Files, ...tpm2Units]) {
    expect(initrdStep(encrypted).script).toContain(name);
    expect(initrdStep(plan).script).not.toContain(`'${name}'`);
  }
  const mounted = (of: typeof plan) => rootStep(of).inputs.filter(({ mount }) => mount === "/needs/os").length;
  expect([mounted(plan), mounted(encrypted)]).toEqual([1, 2]);
});

test("words reach the script as they are", () => {
  const words = ["a b", "it's", "$HOME `x`", "system-a\\x2db.slice"];
  const script = `${bashArray("words", words)}printf '%s\\n' "\${words[@]}"`;
  expect(execFileSync("bash", ["-c", script], { encoding: "utf8" }).trimEnd().split("\n")).toEqual(words);
});
