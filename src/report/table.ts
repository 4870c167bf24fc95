import { plainLine } from "../base/mod.ts";

/** Columns padded to their widest cell, two blanks apart, without a ruled frame: good for eyes and for `awk`. Cells are made plain. */
export function renderTable(head: string[], rows: string[][]): string {
  const all = [head, ...rows].map((row) => row.map(plainLine));
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? "").length)));
  return all
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}

/** `name   value` lines for one thing's facts, made plain. Several values of one name stand below each other. */
export function renderFacts(facts: Record<string, string | number | undefined | string[]>): string {
  const known = Object.entries(facts)
    .filter(([, value]) => value !== undefined && value !== "")
    .map(([name, value]) => [plainLine(name), value] as const);
  const width = Math.max(0, ...known.map(([name]) => name.length));
  return known
    .map(([name, value]) => {
      const values = Array.isArray(value) ? (value.length === 0 ? ["-"] : value) : [String(value)];
      return values.map((line, index) => `${(index === 0 ? name : "").padEnd(width)}  ${plainLine(line)}\n`).join("");
    })
    .join("");
}
