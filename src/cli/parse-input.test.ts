import { CommanderError } from "commander";
import { expect, it } from "vitest";
import { parseInput } from "./parse-input.ts";
import { parseSize } from "./parse-value.ts";
import { parseCommandLine } from "./program.ts";
import { commandTable } from "./table.ts";
import { usageError } from "./usage-error.ts";

const kinds = commandTable.image.options.as.choices;

/** As `hadron` would take these words. */
function parse(words: string, environment: NodeJS.ProcessEnv = {}): Record<string, unknown> {
  const request = parseCommandLine(words.split(" "), "1.2.3");
  if (request.kind !== "command") throw new Error("not a command");
  return parseInput(request, environment);
}

const refusal = (words: string): unknown => {
  try {
    return parse(words);
  } catch (error) {
    return error instanceof CommanderError ? usageError(error, words.split(" ")) : error;
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

it("asks for no artifact where a report is wanted instead", () => {
  expect(parse("image cloud --size-report")).toMatchObject({ sizeReport: true, as: undefined, output: undefined });
});

it("takes environment variables where an option is not given, lists by commas", () => {
  const environment = { HADRON_CACHE_FROM: "/a,/b", HADRON_DEBIAN_MIRROR: "" };
  expect(parse("build", environment)).toMatchObject({ cacheFrom: ["/a", "/b"], mirror: undefined });
  expect(parse("build --cache-from /c", environment)).toMatchObject({ cacheFrom: ["/c"] });
});

it.each([
  ["bild", "USAGE_COMMAND", 'Unknown command "bild"', 'Did you mean "build"?'],
  ["build --job 3", "USAGE_OPTION", 'Unknown option "--job"', 'Did you mean "--jobs"?'],
  [
    "build --jobs many",
    "USAGE_VALUE",
    'Option --jobs has the value "many", expected a whole number from 1',
    "Such as --jobs 2",
  ],
  [
    "run --memory lots",
    "USAGE_VALUE",
    'Option --memory has the value "lots", expected a size of at least 64M, such as 512M or 20G',
    "Such as --memory 2G",
  ],
  [
    "image cloud --as floppy --output x",
    "USAGE_VALUE",
    `Option --as has the value "floppy", expected one of ${kinds.join(", ")}`,
    `Give --as ${kinds.join("|")}`,
  ],
  ["image cloud --output x", "USAGE_OPTION", "Option --as is missing", `Give --as ${kinds.join("|")}`],
  [
    "store verfy",
    "USAGE_ARGUMENT",
    'The action is "verfy", expected one of list, path, verify, gc, import',
    'Did you mean "verify"? See hadron help store',
  ],
  ["store list --older-than 3", "USAGE_OPTION", 'Option --older-than has no meaning with "list"', "It belongs to: gc"],
  [
    "store x",
    "USAGE_ARGUMENT",
    'The action is "x", expected one of list, path, verify, gc, import',
    "See hadron help store",
  ],
  ["cache", "USAGE_ARGUMENT", 'Missing required argument "action"', "See hadron help cache"],
  ["show --events", "USAGE_OPTION", 'Option "--events <FORMAT>" argument missing', "See hadron help show"],
  ["show", "USAGE_ARGUMENT", 'Missing required argument "component"', "See hadron help show"],
  ["show zlib xz", "USAGE_ARGUMENT", 'Too many arguments for "show": expected 1, got 2', "See hadron help show"],
  ["help nope", "USAGE_COMMAND", 'Unknown command "nope"', "See hadron --help"],
  ["help bild", "USAGE_COMMAND", 'Unknown command "bild"', 'Did you mean "build"?'],
  [
    "sources update --offline",
    "USAGE_OPTION",
    'Option --offline has no meaning with "update"',
    "It belongs to: fetch, bundle",
  ],
  [
    "sources --require-upstream",
    "USAGE_OPTION",
    'Option --require-upstream has no meaning with "list"',
    "It belongs to: fetch, bundle",
  ],
  ["toolbox update --offline", "USAGE_OPTION", 'Option --offline has no meaning with "update"', "It belongs to: fetch"],
  [
    "run --ssh-port 99999",
    "USAGE_VALUE",
    'Option --ssh-port has the value "99999", expected a port from 1 to 65535',
    "Such as --ssh-port 2222",
  ],
  [
    "run --memory 1K",
    "USAGE_VALUE",
    'Option --memory has the value "1K", expected a size of at least 64M, such as 512M or 20G',
    "Such as --memory 2G",
  ],
  [
    "image cloud --as isos --output x",
    "USAGE_VALUE",
    expect.any(String),
    `Did you mean "iso"? Give --as ${kinds.join("|")}`,
  ],
  ["run --disk=", "USAGE_VALUE", 'Option --disk has the value "", expected a path', "Such as --disk PATH"],
  [
    "image cloud --as disk --output=",
    "USAGE_VALUE",
    'Option --output has the value "", expected a path',
    "Such as --output PATH",
  ],
  [
    "run --arch aarch64",
    "USAGE_VALUE",
    'Option --arch has the value "aarch64", expected x86_64',
    "For aarch64 only the toolchain and components can be built so far, with the command build",
  ],
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
