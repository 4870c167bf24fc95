import { expect, test } from "vitest";
import { jsonText, plainLine, plainText } from "./plain-text.ts";

test("text without control stays as it is", () => {
  expect(plainText("a [b] ü\tc\n")).toBe("a [b] ü\tc\n");
});

test.each([
  ["colours", "a \x1b[0;1;31mred\x1b[0m b", "a red b"],
  ["a title", "\x1b]0;title\x07a", "a"],
  ["a link that ends by an escape", "\x1b]8;;https://x.test\x1b\\a", "a"],
  ["an end of nothing", "a\x1b]0;b", "a0;b"],
  ["single bytes", "\x9b2Ja\x9d0;title\x9c\x90b\x7f\0", "ab"],
  ["what deletes", "abc\b\b\rd", "abcd"],
])("nothing is left of %s", (_, text, plain) => {
  expect(plainText(text)).toBe(plain);
});

test("beginnings without an end take no longer the more there are", () => {
  expect(plainText("\x9d".repeat(1_000_000))).toBe("");
});

test("a document says the same without control characters", () => {
  const value = { "a\x9b2J\x7f": ["ü\u009f\n"] };
  expect(jsonText(value, 1)).toMatch(/^[\n -~ü]*$/);
  expect(JSON.parse(jsonText(value, 1))).toEqual(value);
});

test("a line is one", () => {
  expect(plainLine("a\n\tb\r\nc")).toBe("a b c");
});
