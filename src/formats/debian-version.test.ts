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
