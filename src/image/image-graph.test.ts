import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import type { StepInput } from "../graph/mod.ts";
import { recipe, targets } from "../recipe/mod.ts";
import { image } from "../rootfs/mod.ts";
import { assertArtifact } from "./artifacts.ts";
import { imageGraph } from "./image-graph.ts";
import type { PcrPolicy } from "./pcr-policy.ts";

const names =
  "cryptsetup dosfstools erofs-utils gen-init-cpio linux linux-headers mtools musl systemd toolchain zlib zstd".split(
    " ",
  );
const recipes = new Map(
  names.map((name) => [name, recipe({ name, summary: "x", build: () => "x", test: () => "x" })] as const),
);
const sources = new Map(
  names.map((name) => [name, { version: "1.0", licence: "MIT", homepage: `https://${name}.example/`, candidates: [] }]),
);
const get = (name: string) => recipes.get(name) ?? recipe({ name, summary: "x", build: () => "x", test: () => "x" });
const fields = {
  name: "cloud",
  summary: "x",
  version: "1.2.3",
  components: [get("systemd")],
  kernel: get("linux"),
  commandLine: ["quiet"],
  liveCommandLine: [],
  layout: { esp: 512, root: 256, verity: 8 },
  bootTries: 3,
};
const plain = image(fields);
const encrypted = image({ ...fields, varEncryption: "tpm2" });

const input = (mount: string): StepInput => ({ kind: "files", directory: "x", mount, digest: "0".repeat(64) });
const publicKey = input("/needs/pcr-key");
const signatures = input("/needs/pcr-signatures");

const graphOf = (of: typeof plain, pcrPolicy?: PcrPolicy) =>
  imageGraph(
    { arch: "x86_64", steps: new Map() },
    { image: of, target: targets.x86_64, recipes, sources, at: "images/cloud.ts:1" },
    pcrPolicy ? { pcrPolicy } : {},
  ).steps;
const partsOf = (of: typeof plain, pcrPolicy?: PcrPolicy) =>
  [...graphOf(of, pcrPolicy).keys()].map((id) => id.slice("cloud:".length));

test("an image that binds /var to a TPM has a UKI and a disk with signatures only", () => {
  expect(partsOf(plain)).toEqual("root layers verity initrd live-initrd uki disk live-uki iso".split(" "));
  expect(partsOf(encrypted)).toEqual("root layers verity initrd live-initrd live-uki iso".split(" "));
  expect(partsOf(encrypted, { publicKey })).toContain("unsigned-uki");
  expect(partsOf(encrypted, { publicKey })).not.toContain("uki");
  const all = partsOf(encrypted, { publicKey, signatures });
  expect(all.filter((part) => !partsOf(plain).includes(part))).toEqual(["unsigned-uki"]);
  expect(all.indexOf("unsigned-uki")).toBeLessThan(all.indexOf("uki"));
});

test("signatures change nothing of what they are over", () => {
  const before = graphOf(encrypted, { publicKey });
  const after = graphOf(encrypted, { publicKey, signatures });
  for (const [id, step] of before) expect(after.get(id), id).toEqual(step);
});

test("the policies are calculated of the UKI that is started", () => {
  const script = (part: string, of: typeof plain, policy?: PcrPolicy) =>
    graphOf(of, policy).get(`cloud:${part}`)?.script;
  const signed = { publicKey, signatures };
  const unsigned = script("unsigned-uki", encrypted, signed) ?? "";
  const plainWords = (script("uki", plain) ?? "").split(/\s+/);
  expect(plainWords.filter((word) => !unsigned.split(/\s+/).includes(word))).toEqual([]);
  expect(unsigned).toContain("--policy-digest");
  for (const part of ["unsigned-uki", "uki"])
    execFileSync("bash", ["-n"], { input: script(part, encrypted, signed) ?? "(" });
});

test("the command line refuses a disk whose UKI it can't sign, and names what it can make", () => {
  for (const kind of ["disk", "qcow2", "uki"] as const)
    expect(() => assertArtifact(encrypted, kind)).toThrow(/binds \/var to a TPM/);
  for (const kind of ["iso", "oci"] as const) expect(() => assertArtifact(encrypted, kind)).not.toThrow();
  expect(() => assertArtifact(plain, "disk")).not.toThrow();
});
