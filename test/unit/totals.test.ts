import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { projectRoot } from "../../src/base/mod.ts";
import { countTests, type Report } from "../totals.ts";

function report(status: string, ...tests: [title: string, status: string][]): Report {
  const assertionResults = tests.map(([title, outcome]) => ({ ancestorTitles: ["store"], title, status: outcome }));
  return { testResults: [{ name: join(projectRoot, "src/a.test.ts"), status, assertionResults }] };
}
const promise = (title: string) => ({ promise: "It holds", file: "src/a.test.ts", titles: ["store", title] });

describe("totals", () => {
  it("counts what passed and what failed over all reports", () => {
    const reports = [report("passed", ["a", "passed"]), report("failed", ["b", "failed"], ["c", "passed"])];
    expect(countTests(reports, [], false)).toEqual({ passed: 2, failed: 1, unproven: [] });
  });

  it("a skipped test counts as failed only where that was asked for", () => {
    const reports = [report("passed", ["a", "passed"], ["b", "skipped"], ["c", "todo"])];
    expect(countTests(reports, [], false)).toMatchObject({ passed: 1, failed: 0 });
    expect(countTests(reports, [], true)).toMatchObject({ passed: 1, failed: 2 });
  });

  it("a file that could not be loaded counts as failed", () => {
    expect(countTests([report("failed")], [], false)).toMatchObject({ passed: 0, failed: 1 });
  });

  it("a promise is unproven unless its test ran and passed", () => {
    const reports = [report("failed", ["a", "passed"], ["b", "skipped"], ["c", "failed"])];
    const promises = ["a", "b", "c", "d"].map(promise);
    expect(countTests(reports, promises, false).unproven).toEqual(["b", "c", "d"].map(promise));
  });
});
