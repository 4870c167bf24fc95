import { expect, it } from "vitest";
import { programName } from "./program-name.ts";

it("is what the launcher was called, and plainly hadron without one", () => {
  expect(programName({ HADRON_PROGRAM: "./hadron" })).toBe("./hadron");
  expect(programName({})).toBe("hadron");
});
