import { basename } from "node:path";
import { describe, expect, it } from "vitest";
import { projectFiles } from "./tree.ts";

const code = projectFiles("src/**/*.ts", "recipes/**/*.ts", "images/**/*.ts", "test/**/*.ts");

describe("file shape", () => {
  it("no file is longer than 400 lines", () => {
    const long = [...code].filter(([, source]) => source.split("\n").length > 401);
    expect(long.map(([path, source]) => `${path}: ${source.split("\n").length - 1} lines`)).toEqual([]);
  });

  it("file names are in kebab-case", () => {
    const odd = [...code.keys()].filter((path) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)*\.ts$/.test(basename(path)));
    expect(odd).toEqual([]);
  });

  it("no folder is named after nothing in particular", () => {
    const vague = [...code.keys()].filter((path) => /(^|\/)(utils?|helpers?|common|misc|lib)\//.test(path));
    expect(vague).toEqual([]);
  });

  it("no test is skipped or alone, not even on some machines, and nothing is marked as unfinished", () => {
    const [todo, fixme, hack] = ["TO-DO", "FIX-ME", "HA-CK"].map((word) => word.replace("-", ""));
    // Of a test or its context, also in a chain that was broken into lines.
    const skipped = `(^ *|\\b(it|test|describe|suite|context)\\b.*)\\.(skip|skipIf|runIf|only|${todo?.toLowerCase()})\\b`;
    const marks = new RegExp(`${skipped}|\\(\\{[^})]*\\bskip\\b|(//|\\*|#) *(${todo}|${fixme}|${hack})\\b`);
    const found = [...code].flatMap(([path, source]) =>
      source.split("\n").flatMap((line, index) => (marks.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [])),
    );
    expect(found).toEqual([]);
  });
});
