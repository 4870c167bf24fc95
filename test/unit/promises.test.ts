import { describe, expect, it } from "vitest";
import { readPromises } from "../promises.ts";
import { projectFiles } from "./tree.ts";

/**
 * Whether a source holds a test or group of this name: as a string, or as the template of a table (`%s`, `${…}`). That it ran under
 * this name is checked against the reports, after the run.
 */
function hasName(source: string, name: string): boolean {
  if ([`"${name.replaceAll('"', '\\"')}"`, `'${name}'`, `\`${name}\``].some((quoted) => source.includes(quoted)))
    return true;
  const templates = source.matchAll(
    /(?:\)|\b(?:describe|it|test))\(\s*(["`])((?:(?!\1).)*(?:%\w|\$\{)(?:(?!\1).)*)\1/g,
  );
  return [...templates].some(([, , template = ""]) => {
    const fixed = template.split(/%\w|\$\{[^}]*\}/).map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
    return fixed.join("") !== "" && new RegExp(`^${fixed.join(".+")}$`).test(name);
  });
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
      const source = projectFiles(file).get(file) ?? "";
      return !titles.every((title) => hasName(source, title));
    });
    expect(missing).toEqual([]);
  });

  it("no promise is made twice", () => {
    const texts = promises.map(({ promise }) => promise);
    expect(texts.filter((text, index) => texts.indexOf(text) !== index)).toEqual([]);
  });

  it("a name is found however it is quoted, and where a table gives it", () => {
    const source = `describe("a", () => {\n  it('b "c"', f);\n  test.each([["d"]])("%s is refused (1)", f);\n it(\`of \${x}\`, f);`;
    for (const name of ["a", 'b "c"', "anything is refused (1)", "of q35"])
      expect(hasName(source, name), name).toBe(true);
    for (const name of ["b", "is refused (1)", "anything is refused 1", "e"])
      expect(hasName(source, name), name).toBe(false);
  });
});
