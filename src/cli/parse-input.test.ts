import { CommanderError } from "commander";
import { expect, it } from "vitest";
import { parseInput } from "./parse-input.ts";
import { parseSize } from "./parse-value.ts";
import { parseCommandLine } from "./program.ts";
import { usageError } from "./usage-error.ts";

/** As `hadron` would take these words. */
function parse(words: string, environment: NodeJS.ProcessEnv = {}): Record<string, unknown> {
  const request = parseCommandLine(words.split(" "), "1.2.3");
  if (request.kind !== "command") throw new Error("not a command");
  return parseInput(request.spec, request.typed, environment);
}

const refusal = (words: string): unknown => {
  try {
    return parse(words);
  } catch (error) {
    return error instanceof CommanderError ? usageError(error) : error;
  }
};

it("converts values by their kind and fills in defaults", () => {
  expect(parse("run --memory 1.5G --credential a=b --credential c=d")).toMatchObject({
    image: "cloud",
    memory: 1.5 * 1024 ** 3,
    cpus: 2,
    credential: ["a=b", "c=d"],
    cmdline: [],
    headless: false,
    arch: "x86_64",
    disk: undefined,
    events: "auto",
  });
  expect(parse("build zlib xz --jobs 3 --json")).toMatchObject({ component: ["zlib", "xz"], jobs: 3, json: true });
  expect(parse("sources")).toMatchObject({ action: "list", source: [] });
  expect(parse("sources fetch zlib xz")).toMatchObject({ action: "fetch", source: ["zlib", "xz"] });
});

it("takes environment variables where an option is not given, lists by commas", () => {
  const environment = { HADRON_CACHE_FROM: "/a,/b", HADRON_DEBIAN_MIRROR: "" };
  expect(parse("build", environment)).toMatchObject({ cacheFrom: ["/a", "/b"], mirror: undefined });
  expect(parse("build --cache-from /c", environment)).toMatchObject({ cacheFrom: ["/c"] });
});

it.each([
  ["bild", "USAGE_COMMAND", 'Unknown command "bild"', "Did you mean build?"],
  ["build --job 3", "USAGE_OPTION", 'Unknown option "--job"', "Did you mean --jobs?"],
  ["build --jobs many", "USAGE_VALUE", 'Option --jobs has the value "many", expected a whole number from 1', undefined],
  [
    "run --memory lots",
    "USAGE_VALUE",
    'Option --memory has the value "lots", expected a size such as 512M or 20G',
    undefined,
  ],
  [
    "image cloud --as floppy --output x",
    "USAGE_VALUE",
    'Option --as has the value "floppy", expected one of disk, qcow2, uki, iso',
    undefined,
  ],
  ["image cloud --output x", "USAGE_OPTION", "Option --as is missing", "Give --as disk|qcow2|uki|iso"],
  [
    "store verfy",
    "USAGE_ARGUMENT",
    'The action is "verfy", expected one of list, path, verify, gc',
    'Did you mean "verify"? See --help',
  ],
  ["store list --older-than 3", "USAGE_OPTION", 'Option --older-than has no meaning with "list"', "It belongs to: gc"],
  ["show", "USAGE_OPTION", 'Missing required argument "component"', "See hadron --help"],
])("refuses `%s`", (words, code, message, hint) => {
  expect(refusal(words)).toMatchObject({ kind: "usage", code, message, hint });
});

it("reads sizes", () => {
  expect(["1048576", "512M", "2GiB", "1.5g", "20GB"].map(parseSize)).toEqual([
    2 ** 20,
    2 ** 29,
    2 ** 31,
    1.5 * 2 ** 30,
    20 * 2 ** 30,
  ]);
  expect(["", "-1G", "G", "1X", "0"].map(parseSize)).toEqual([undefined, undefined, undefined, undefined, undefined]);
});
