import { describe, expect, it } from "vitest";
import { figuresTable, fillSection } from "../bench/page.ts";
import { projectFiles } from "./tree.ts";

describe("benchmarks page", () => {
  it("a section is replaced and the rest stays", () => {
    const page = "# A\n<!-- x -->\nold\n<!-- /x -->\nrest\n";
    const filled = fillSection(page, "x", "new $1");
    expect(filled).toBe("# A\n<!-- x -->\n\nnew $1\n\n<!-- /x -->\nrest\n");
    expect(fillSection(filled, "x", "new $1")).toBe(filled);
    expect(() => fillSection(page, "y", "")).toThrow('no section "y"');
  });

  it("says whether an aim was reached", () => {
    const rows = [
      { what: "a", unit: "s" as const, reach: 1, value: 0.5 },
      { what: "b", unit: "MB" as const, reach: 1, value: 12.34 },
    ];
    expect(figuresTable(rows)).toContain("| a | ≤ 1 s | 0.50 s | reached |\n| b | ≤ 1 MB | 12.3 MB | missed |");
  });

  it("counts have no unit and no fractions", () => {
    const rows = [
      { what: "a", unit: "count" as const, value: 1120 },
      { what: "b", unit: "ratio" as const, reach: 0.3, value: 0.2789 },
    ];
    expect(figuresTable(rows)).toContain("| a |  | 1120 |  |\n| b | ≤ 0.3 | 0.28 | reached |");
  });

  it("the page has the sections that `make bench` fills", () => {
    const page = projectFiles("docs/benchmarks.md").get("docs/benchmarks.md") ?? "";
    for (const name of ["machine", "figures", "components"]) expect(() => fillSection(page, name, "")).not.toThrow();
  });
});
