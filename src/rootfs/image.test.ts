import { expect, test } from "vitest";
import { HadronError } from "../base/mod.ts";
import { recipe } from "../recipe/mod.ts";
import { type BootFields, type ImageFields, image, isBootable } from "./image.ts";
import { partitionDefinitions } from "./partitions.ts";

const component = recipe({ name: "zlib", summary: "x", build: () => "x", test: () => "x" });
const good: ImageFields & BootFields = {
  name: "cloud",
  summary: "Virtual machines",
  version: "1.2.3",
  components: [component],
  kernel: component,
  commandLine: ["panic=10", "quiet"],
  liveCommandLine: [],
  layout: { esp: 512, root: 256, verity: 8 },
  bootTries: 3,
};

function refusal(fields: Record<string, unknown>): HadronError {
  try {
    image({ ...good, ...fields } as ImageFields);
  } catch (error) {
    if (error instanceof HadronError) return error;
    throw error;
  }
  throw new Error("It was accepted");
}

test("a good description keeps its place", () => {
  expect(image(good)).toMatchObject({ name: "cloud", position: { file: import.meta.filename } });
});

test("an image for containers has nothing of what starts a machine, or all of it", () => {
  const { name, summary, version, components } = good;
  expect(isBootable(image({ name, summary, version, components }))).toBe(false);
  expect(isBootable(image(good))).toBe(true);
  expect(refusal({ layout: undefined }).message).toMatch(/lacks the field "layout"/);
  expect(() => image({ name, summary, version, components, varEncryption: "tpm2" })).toThrow(
    /lacks the field "kernel"/,
  );
});

test("an image may be one for development", () => {
  const { name, summary, version, components } = good;
  expect(image({ name, summary, version, components, development: true }).development).toBe(true);
  expect(image({ name, summary, version, components }).development).toBeUndefined();
});

test.each<[string, Record<string, unknown>, RegExp]>([
  ["an unknown field", { colour: "red" }, /unknown field "colour"/],
  ["a field by a name that every object has", { constructor: "red" }, /unknown field "constructor"/],
  ["a missing field", { version: undefined }, /lacks the field "version"/],
  ["a name that is none for a partition", { name: "My Image" }, /has name "My Image"/],
  ["a version that is none", { version: "one" }, /has version "one"/],
  ["a component that is no recipe", { components: ["zlib"] }, /has components \["zlib"\]/],
  ["a component twice", { components: [component, component] }, /lists the component "zlib" twice/],
  ["no components", { components: [] }, /has components \[\]/],
  ["a command line in one string", { commandLine: "quiet panic=10" }, /has commandLine "quiet panic=10"/],
  ["a word with a quote", { commandLine: ['a="b'] }, /has commandLine/],
  ["an image for development by half", { development: false }, /has development false/],
  ["a partition without size", { layout: { esp: 512, root: 0, verity: 8 } }, /has layout/],
  ["an encryption that there is not", { varEncryption: "password" }, /has varEncryption "password"/],
  ["an unknown partition", { layout: { esp: 512, root: 1, verity: 8, home: 1 } }, /has layout/],
])("%s is refused with the place", (_, fields, message) => {
  const error = refusal(fields);
  expect(error).toMatchObject({ kind: "input", code: "IMAGE_INVALID" });
  expect(error.message).toMatch(message);
  expect(error.at).toMatch(/image\.test\.ts:\d+$/);
  expect(error.hint).toBeTruthy();
});

test("the node's partitions: room for GRUB first, both slots of the same size, and /var last", () => {
  const definitions = partitionDefinitions(image(good));
  expect(Object.keys(definitions)).toEqual([
    "05-bios-boot.conf",
    "10-esp.conf",
    "20-root-a.conf",
    "21-root-a-verity.conf",
    "30-root-b.conf",
    "31-root-b-verity.conf",
    "40-var.conf",
  ]);
  expect(definitions["30-root-b.conf"]).toBe(definitions["20-root-a.conf"]);
  expect(definitions["31-root-b-verity.conf"]).toMatchInlineSnapshot(`
    "[Partition]
    Type=root-verity
    Label=_empty
    SizeMinBytes=8M
    SizeMaxBytes=8M
    ReadOnly=yes
    "
  `);
});
