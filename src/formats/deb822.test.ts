import { expect, test } from "vitest";
import { parseDeb822 } from "./deb822.ts";

test("reads stanzas with continuations, comments, and blank lines of any number", () => {
  const text =
    "\n# comment\nPackage: a\nDepends: b,\n c | d\n# between\nDescription: x\n .\n\ty\n\n\nPackage: e:f\nEmpty:\n";
  expect(parseDeb822(text).map((stanza) => Object.fromEntries(stanza))).toEqual([
    { Package: "a", Depends: "b,\nc | d", Description: "x\n.\ny" },
    { Package: "e:f", Empty: "" },
  ]);
});

test("has nothing in nothing", () => {
  expect(parseDeb822("")).toEqual([]);
  expect(parseDeb822("\n \n")).toEqual([]);
});
