import { readFileSync } from "node:fs";
import { join } from "node:path";
import { noComponent } from "../owners.ts";
import { bashArray, singleQuoted } from "../shell-data.ts";
import { cyclonedxTemplate } from "./cyclonedx.ts";
import type { SbomFacts } from "./facts.ts";
import { spdxTemplate } from "./spdx-template.ts";
import type { SbomTemplate } from "./template.ts";

/** Where the bill of materials lies in a root tree, with its files. */
export const sbomPath = "usr/share/hadron/sbom.cdx.json";

/** The same as SPDX, without files. */
export const spdxPath = "usr/share/hadron/sbom.spdx.json";

interface Places {
  /** Has `pins`, and the output of each owner at `components/<owner>`. */
  needs: string;
  work: string;
  /** The finished tree. */
  out: string;
}

/**
 * Script that adds the bills of materials to a finished tree: every regular file with its digest, below the component that brings it.
 * @param owners Components whose outputs tell which file is whose; what none of them has is the project's own
 */
export function sbomScript(facts: SbomFacts, owners: readonly string[], places: Places): string {
  const values = { ...places, nobody: noComponent, cyclonedx: sbomPath, spdx: spdxPath };
  return [
    ...Object.entries(values).map(([name, value]) => `${name}=${singleQuoted(value)}\n`),
    bashArray("owners", owners),
    "write_templates() {\n",
    ...writeTemplate("cyclonedx", cyclonedxTemplate(facts)),
    ...writeTemplate("spdx", spdxTemplate(facts)),
    "}\n",
    readFileSync(join(import.meta.dirname, "build-sbom.sh"), "utf8"),
  ].join("");
}

function writeTemplate(name: string, { lines, variants, fileLine }: SbomTemplate): string[] {
  const files = {
    lines,
    variants: variants.map(({ source, sha256, line }) => `${source}\t${sha256}\t${line}`),
    file: fileLine === undefined ? [] : [fileLine],
  };
  return [
    `mkdir -p "$work/${name}"\n`,
    ...Object.entries(files).map(([file, text]) => writeFile(`${name}/${file}`, text)),
  ];
}

function writeFile(path: string, lines: readonly string[]): string {
  return `cat > "$work/${path}" <<'END'\n${lines.map((line) => `${line}\n`).join("")}END\n`;
}
