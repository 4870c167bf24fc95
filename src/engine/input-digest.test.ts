import { expect, it } from "vitest";
import { sha256 } from "../base/mod.ts";
import type { StepInput } from "../graph/mod.ts";
import { inputDigest, pinsText } from "./input-digest.ts";

const digests: Record<string, string> = { musl: "a".repeat(64), zlib: "b".repeat(64) };
const choose = (name: string): string => digests[name] ?? "";
const of = (input: StepInput, chosen = choose) =>
  inputDigest(input, { outputOf: (step) => `output of ${step}`, choose: chosen });

it("pins are one line for each source, sorted, whatever order they were asked for in", () => {
  expect(pinsText(["zlib", "musl", "zlib"], choose)).toBe(`${"a".repeat(64)}  musl\n${"b".repeat(64)}  zlib\n`);
  expect(of({ kind: "pins", sources: ["zlib", "musl"], mount: "/needs/pins" })).toBe(
    sha256(pinsText(["musl", "zlib"], choose)),
  );
});

it("a step that says what others were made from has another key where other bytes are used", () => {
  const pins: StepInput = { kind: "pins", sources: ["musl"], mount: "/needs/pins" };
  expect(of(pins, () => "c".repeat(64))).not.toBe(of(pins));
});

it("steps count with their outputs, sources and files with their own digests", () => {
  expect(of({ kind: "step", step: "zlib", mount: "/sysroot" })).toBe("output of zlib");
  expect(of({ kind: "source", source: "zlib", mount: "/sources/zlib" })).toBe(digests.zlib);
  expect(of({ kind: "files", directory: "os", mount: "/needs/os", digest: "d".repeat(64) })).toBe("d".repeat(64));
});
