import { expect, it } from "vitest";
import { formatAbout, formatBytes, formatNames, formatSeconds } from "./format.ts";

it("writes durations as people do", () => {
  expect([0.04, 9.94, 12.4, 59.6, 125, 3599.7, 3720].map(formatSeconds)).toEqual([
    "0.0 s",
    "9.9 s",
    "12 s",
    "1 min 00 s",
    "2 min 05 s",
    "1 h 00 min",
    "1 h 02 min",
  ]);
});

it("rounds estimates up to what can be known", () => {
  expect([1, 41, 61, 4201].map(formatAbout)).toEqual(["5 s", "45 s", "2 min", "1 h 11 min"]);
});

it("writes sizes with three digits", () => {
  expect([0, 999, 1000, 12_345, 999_700, 148_000_000, 2e9].map(formatBytes)).toEqual([
    "0 B",
    "999 B",
    "1.00 kB",
    "12.3 kB",
    "1.00 MB",
    "148 MB",
    "2.00 GB",
  ]);
});

it("names a few of many", () => {
  expect(formatNames(["zlib", "xz"], 2)).toBe("zlib, xz");
  expect(formatNames(["zlib", "xz", "zstd", "lz4"], 2)).toBe("zlib, xz and 2 more");
});
