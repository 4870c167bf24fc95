import { describe, expect, it } from "vitest";
import { bootRows } from "../bench/boot-rows.ts";
import { coldRows } from "../bench/cold.ts";
import { needs } from "../bench/needs.ts";
import { figuresTable, fillSection } from "../bench/page.ts";
import { sizes } from "../bench/sizes.ts";
import { timings } from "../bench/timings.ts";
import { projectGraph } from "../project-graph.ts";
import { projectFiles } from "./tree.ts";

const page = projectFiles("docs/benchmarks.md").get("docs/benchmarks.md") ?? "";

/** First cells of a section's table, without its head. */
function rowsOf(name: string): string[] {
  const section = page.slice(page.indexOf(`<!-- ${name} -->`), page.indexOf(`<!-- /${name} -->`));
  return [...section.matchAll(/^\| (.*?) \|/gm)].map(([, cell = ""]) => cell).slice(1);
}

/** Rows that code would write, with figures that don't matter. */
function bootNames(): string[] {
  const parts = { firmware: 1, loader: 1, kernel: 1, initrd: 1, userspace: 1, total: 1 };
  const booted = { first: 1, multiUser: 1, boot: parts, processes: 1, sockets: 0, memory: 1 };
  const debian = { release: "13", usr: 1, executables: 1, kernelOptions: 1 };
  return bootRows(booted, booted, debian).map(({ what }) => what);
}

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
    for (const name of ["figures", "boots", "cold", "components"])
      expect(() => fillSection(page, name, ""), name).not.toThrow();
  });

  it.each([
    ["figures", [...timings, ...sizes, ...needs].map(({ what }) => what)],
    ["boots", bootNames()],
    ["cold", coldRows({ seconds: 1, busy: 1, memory: 1, disk: 1 }).map(({ what }) => what)],
  ])("has only rows that code writes: %s", (name, names) => {
    expect(new Set(names).size).toBe(names.length);
    expect(rowsOf(name).filter((row) => !names.includes(row))).toEqual([]);
  });

  it("says how long steps of the project took, and no others; so does what estimates start from", async () => {
    const { steps } = await projectGraph();
    const times = JSON.parse(projectFiles("build-times.json").get("build-times.json") ?? "{}") as object;
    const named = [...rowsOf("components").slice(0, -1), ...Object.keys(times)];
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((step) => !steps.has(step))).toEqual([]);
  });
});
