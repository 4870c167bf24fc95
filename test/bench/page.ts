import { type Measured, withUnit } from "./figure.ts";

/** Replaces what stands between `<!-- name -->` and `<!-- /name -->`. */
export function fillSection(page: string, name: string, content: string): string {
  const section = new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(\n<!-- /${name} -->)`);
  if (!section.test(page)) throw new Error(`The page has no section "${name}"`);
  return page.replace(section, (_all, begin: string, end: string) => `${begin}\n${content}\n${end}`);
}

export function figuresTable(rows: readonly Measured[]): string {
  return table(
    ["what", "aim", "measured", ""],
    rows.map(({ what, unit, reach, value }) => [
      what,
      reach === undefined ? "" : `≤ ${reach}${unit === "s" || unit === "MB" ? ` ${unit}` : ""}`,
      withUnit(value, unit),
      reach === undefined ? "" : value <= reach ? "reached" : "missed",
    ]),
  );
}

export function table(head: string[], rows: readonly string[][]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), `|${head.map(() => "---").join("|")}|`, ...rows.map(line)].join("\n");
}
