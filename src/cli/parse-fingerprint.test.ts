import { expect, it } from "vitest";
import { parseFingerprint } from "./parse-fingerprint.ts";

const digits = "27EDEAF22F3ABCEB50DB9A125CC908FDB71E12C2";

it.each([digits, digits.toLowerCase(), `0x${digits}`, "27ED EAF2 2F3A BCEB 50DB  9A12 5CC9 08FD B71E 12C2"])(
  "reads a fingerprint as people copy it: %s",
  (text) => {
    expect(parseFingerprint(text)).toBe(digits);
  },
);

it.each(["", "5CC908FDB71E12C2", `${digits}0`, "daniel@haxx.se"])("refuses what is none, short ids too: %j", (text) => {
  expect(() => parseFingerprint(text)).toThrow(expect.objectContaining({ code: "USAGE_VALUE" }));
});
