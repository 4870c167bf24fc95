import { expect, test } from "vitest";
import { sha256 } from "../../base/mod.ts";
import { formatToolboxChange, toolboxChanges } from "./changes.ts";
import type { ToolboxLock } from "./lock.ts";

/** From `set: ["name version"]`; the digest is that of the words. */
function lockOf(sets: Record<string, string[]>): ToolboxLock {
  const packages = (words: string[]) =>
    words.map((word) => {
      const [name = "", version = ""] = word.split(" ");
      return { name, version, file: `pool/main/${name}.deb`, sha256: sha256(word), size: 1 };
    });
  const all = Object.entries(sets).map(([name, words]) => [name, { packages: packages(words) }]);
  return { suite: "trixie", date: "2026-01-01T00:00:00.000Z", sets: Object.fromEntries(all) };
}

const lines = (before: ToolboxLock | undefined, after: ToolboxLock) =>
  toolboxChanges(before, after).map(formatToolboxChange);

test("says what a new lock changes, by set and package, and nothing of the rest", () => {
  const before = lockOf({ vm: ["qemu 1", "swtpm 1"], build: ["gcc 14.2-1", "make 4", "zlib 1"] });
  const after = lockOf({ vm: ["qemu 1", "swtpm 1"], build: ["gcc 14.2-2", "make 4", "zstd 2"] });
  expect(lines(before, after)).toEqual(["build: gcc 14.2-1 → 14.2-2", "build: zlib 1 → gone", "build: zstd new → 2"]);
  expect(lines(after, after)).toEqual([]);
  expect(lines(undefined, lockOf({ vm: ["qemu 1"] }))).toEqual(["vm: qemu new → 1"]);
});

test("other bytes of the same version are a change", () => {
  const [before, after] = [lockOf({ vm: ["qemu 1"] }), lockOf({ vm: ["qemu 1 again"] })];
  expect(lines(before, after)).toEqual(["vm: qemu 1 → 1"]);
});
