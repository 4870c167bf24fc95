import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { projectRoot } from "../src/base/mod.ts";
import { type Promised, readPromises } from "./promises.ts";

/** What is used of vitest's JSON report. */
export interface Report {
  testResults: {
    name: string;
    status: string;
    assertionResults: { ancestorTitles: string[]; title: string; status: string }[];
  }[];
}

export interface Totals {
  passed: number;
  failed: number;
  /** Promises whose test did not run and pass. */
  unproven: Promised[];
}

/**
 * Counts tests one by one: a file that could not be loaded counts as one failure, a skipped test as a failure where
 * `isSkippedFailure`, else not at all.
 */
export function countTests(reports: Report[], promises: Promised[], isSkippedFailure: boolean): Totals {
  const passedTests = new Set<string>();
  let passed = 0;
  let failed = 0;
  for (const file of reports.flatMap((report) => report.testResults)) {
    const failedBefore = failed;
    for (const test of file.assertionResults) {
      if (test.status === "passed") passed++;
      else if (test.status === "failed" || isSkippedFailure) failed++;
      if (test.status === "passed")
        passedTests.add(testName(relative(projectRoot, file.name), [...test.ancestorTitles, test.title]));
    }
    if (file.status === "failed" && failed === failedBefore) failed++;
  }
  const unproven = promises.filter((promise) => !passedTests.has(testName(promise.file, promise.titles)));
  return { passed, failed, unproven };
}

function testName(file: string, titles: string[]): string {
  return [file, ...titles].join(" › ");
}

/** Reads the reports that were written, prints what is unproven and, on a line of its own, the totals. True when all is well. */
export function printTotals(reportFiles: string[]): boolean {
  const written = reportFiles.filter((path) => existsSync(path));
  const reports = written.map((path) => JSON.parse(readFileSync(path, "utf8")) as Report);
  const promises = readPromises(readFileSync(join(projectRoot, "docs/promises.md"), "utf8"));
  const totals = countTests(reports, promises, Boolean(process.env.CI));
  for (const { promise, file, titles } of totals.unproven)
    console.log(`unproven: ${promise} (${testName(file, titles)} did not run and pass)`);
  for (const path of reportFiles) if (!written.includes(path)) console.log(`no report: ${relative(projectRoot, path)}`);
  console.log(`${totals.passed} passed, ${totals.failed} failed`);
  return (
    totals.passed > 0 && totals.failed === 0 && totals.unproven.length === 0 && written.length === reportFiles.length
  );
}
