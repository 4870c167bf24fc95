import { expect, it } from "vitest";
import { HadronError } from "../base/mod.ts";
import { renderErrorReport, reportError } from "./error-report.ts";

const failed = new HadronError('Step "zlib" failed with exit status 2', {
  kind: "step",
  code: "STEP_FAILED",
  at: "recipes/zlib/recipe.ts:4",
  detail: "cc: error\nmake: *** [all] Error 1\n",
  hint: "Whole log: /cache/logs/zlib.log",
  cause: new HadronError('Could not read "a"', {
    kind: "input",
    code: "INNER",
    at: "a:1",
    hint: "Only the outermost hint is shown",
    cause: new Error("disk on fire\nand more"),
  }),
});

it("says what was being done, where, why, and what to do next", () => {
  expect(renderErrorReport(reportError(failed))).toBe(`error: Step "zlib" failed with exit status 2 [STEP_FAILED]
  at: recipes/zlib/recipe.ts:4
  cause: Could not read "a" (a:1)
  cause: disk on fire
    and more
  | cc: error
  | make: *** [all] Error 1
  hint: Whole log: /cache/logs/zlib.log
`);
});

it("gives the same as data, with the exit status", () => {
  expect(reportError(failed)).toEqual({
    message: 'Step "zlib" failed with exit status 2',
    code: "STEP_FAILED",
    kind: "step",
    exitStatus: 5,
    at: "recipes/zlib/recipe.ts:4",
    causes: ['Could not read "a" (a:1)', "disk on fire\nand more"],
    detail: "cc: error\nmake: *** [all] Error 1\n",
    hint: "Whole log: /cache/logs/zlib.log",
  });
});

it("shows a mistake of its own with the stack and status 1", () => {
  const report = reportError(new TypeError("undefined is not a cat"));
  expect(report).toMatchObject({ code: "INTERNAL", kind: "internal", exitStatus: 1 });
  expect(renderErrorReport(report)).toMatch(
    /^error: undefined is not a cat \[INTERNAL\]\n\s+at .*\n(.*\n)* {2}hint: This is a mistake/,
  );
});

it("does not follow a cause that leads back to itself", () => {
  const error = new Error("a");
  error.cause = error;
  expect(reportError(error).causes).toEqual([]);
});

it("shows nothing that a terminal would obey, and what is left of it on the same lines", () => {
  const evil = "\x1b[2J\x1b]0;pwned\x07\x9b31m\b\r";
  const error = new HadronError(`The manifest has the type "${evil}"`, {
    ...{ kind: "input", code: "INNER", at: `${evil}here`, detail: `one${evil}\ntwo\tcolumns`, hint: `Known: ${evil}a` },
    cause: new Error(`in${evil}ner`),
  });
  expect(renderErrorReport(reportError(error))).toBe(`error: The manifest has the type "" [INNER]
  at: here
  cause: inner
  | one
  | two\tcolumns
  hint: Known: a
`);
  expect(renderErrorReport(reportError(new TypeError(`a${evil}b`)))).not.toContain("\x1b");
});

it("colours only when asked", () => {
  expect(renderErrorReport(reportError(failed), { colour: true })).toContain("\x1b[31m");
  expect(renderErrorReport(reportError(failed))).not.toContain("\x1b");
});
