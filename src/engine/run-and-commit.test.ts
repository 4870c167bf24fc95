import { expect, it } from "vitest";
import { shellHint } from "./run-and-commit.ts";

it("names the command that opens a shell in a step's sandbox, with the architecture where it is not the usual one", () => {
  expect(shellHint({ id: "zlib", env: { ARCH: "x86_64" } })).toBe("Enter its sandbox: hadron build zlib --shell");
  expect(shellHint({ id: "zlib:test", env: { ARCH: "aarch64" } })).toBe(
    "Enter its sandbox: hadron build zlib:test --shell --arch aarch64",
  );
});
