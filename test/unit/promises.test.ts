import { describe, expect, it } from "vitest";
import { readPromises } from "../promises.ts";
import { projectFiles } from "./tree.ts";

/** Names of all `describe`, `it` and `test` calls whose name is a plain string. */
function namesIn(source: string): Set<string> {
  const calls = source.matchAll(
    /\b(?:describe|it|test)\b[\w.]*(?:\([^()"]*\))?\(\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`$]*`)/g,
  );
  return new Set([...calls].map(([, literal = ""]) => literal.slice(1, -1).replace(/\\(.)/g, "$1")));
}

describe("promises", () => {
  const markdown = projectFiles("docs/promises.md").get("docs/promises.md") ?? "";
  const promises = readPromises(markdown);

  it("every row of the table is understood", () => {
    const rows = markdown.split("\n").filter((line) => line.startsWith("|") && line.includes("`"));
    expect(rows.length).toBeGreaterThan(0);
    expect(promises).toHaveLength(rows.length);
  });

  it("every promise names a test that exists", () => {
    const missing = promises.filter(({ file, titles }) => {
      const source = projectFiles(file).get(file);
      const names = source === undefined ? new Set<string>() : namesIn(source);
      return !titles.every((title) => names.has(title));
    });
    expect(missing).toEqual([]);
  });

  it("no promise is made twice", () => {
    const texts = promises.map(({ promise }) => promise);
    expect(texts.filter((text, index) => texts.indexOf(text) !== index)).toEqual([]);
  });

  it("a name is found however it is quoted, and only as a test's name", () => {
    const source = `describe("a", () => {\n  it('b "c"', f);\n  test.each([])(\n"d", f);\n it.runIf(x)("e", f); const g = "h";`;
    expect(namesIn(source)).toContain("a");
    expect(namesIn(source)).toContain('b "c"');
    expect(namesIn(source)).toContain("e");
    expect(namesIn(source)).not.toContain("h");
  });
});
