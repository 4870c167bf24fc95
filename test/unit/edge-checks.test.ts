import { expect, it } from "vitest";
import { openChecks } from "../edge/checks.ts";

it("counts what holds and what does not, says why, and goes on after what throws", async () => {
  const lines: string[] = [];
  const checks = openChecks((line) => lines.push(line));
  checks.expect("a text", "Y", "Y");
  checks.expect("a pattern", "keys: 12", /keys: 1$/);
  checks.expect("a number", 1, "1");
  await checks.attempt("a machine", () => Promise.reject(new Error("it did not start")));
  await checks.attempt("another", async () => checks.expect("one more", "1\n1", "1\n1"));
  expect(lines).toEqual([
    "passed: a text",
    'FAILED: a pattern: wanted /keys: 1$/, found "keys: 12"',
    "FAILED: a number: wanted 1, found 1",
    "FAILED: a machine: it did not start",
    "passed: one more",
  ]);
  expect([checks.passed(), checks.failed()]).toEqual([2, 3]);
});
