import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { compareDebianVersions } from "./debian-version.ts";

test.each([
  ["1.0", "1.0", 0],
  ["1.0~rc1", "1.0", -1],
  ["1.0~rc1-1", "1.0~rc1-1+b1", -1],
  ["1.9", "1.10", -1],
  ["1:0.1", "9.9", 1],
  ["1.0", "1.0-0", 0],
  ["1.0a", "1.0+", -1],
  ["2:6.3.0+dfsg-3", "2:6.3.0+dfsg", 1],
  ["1.2-3-4", "1.2-3-5", -1],
  ["00012", "12", 0],
])("orders %s and %s", (a, b, order) => {
  expect(Math.sign(compareDebianVersions(a, b))).toBe(order);
  expect(Math.sign(compareDebianVersions(b, a))).toBe(order === 0 ? 0 : -order);
});

test.skipIf(!existsSync("/usr/bin/dpkg"))("orders as dpkg does", () => {
  const part = fc.stringMatching(/^[0-9][0-9a-c.+~]{0,6}$/);
  const version = fc
    .tuple(part, fc.option(part))
    .map(([upstream, revision]) => (revision ? `${upstream}-${revision}` : upstream));
  const claims = fc.sample(fc.tuple(version, version), { numRuns: 150, seed: 1 }).map(([a, b]) => {
    const order = compareDebianVersions(a, b);
    return `${a} ${order < 0 ? "lt" : order > 0 ? "gt" : "eq"} ${b}`;
  });
  const ask = 'while read -r a relation b; do dpkg --compare-versions $a $relation $b || echo "$a $relation $b"; done';
  const { status, stdout } = spawnSync("sh", ["-c", ask], { input: `${claims.join("\n")}\n`, encoding: "utf8" });
  expect({ status, wrong: stdout }).toEqual({ status: 0, wrong: "" });
});
