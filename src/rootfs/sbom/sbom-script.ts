import { readFileSync } from "node:fs";
import { join } from "node:path";
import { noComponent } from "../owners.ts";
import { bashArray, singleQuoted } from "../shell-data.ts";
import { cyclonedxTemplate } from "./cyclonedx.ts";
import type { SbomFacts } from "./facts.ts";

/** Where the bill of materials lies in a root tree. */
export const sbomPath = "usr/share/hadron/sbom.cdx.json";

interface Places {
  /** Has `pins`, and the output of each owner at `components/<owner>`. */
  needs: string;
  work: string;
  /** The finished tree. */
  out: string;
}

/**
 * Script that adds the bill of materials to a finished tree: every regular file with its digest, below the component that brings it.
 * @param owners Components whose outputs tell which file is whose; what none of them has is the project's own
 */
export function sbomScript(facts: SbomFacts, owners: readonly string[], places: Places): string {
  const { lines, variants, fileLine } = cyclonedxTemplate(facts);
  const values = { ...places, nobody: noComponent, sbom: sbomPath };
  const files = {
    lines,
    variants: variants.map(({ source, sha256, line }) => `${source}\t${sha256}\t${line}`),
    file: [fileLine],
  };
  return [
    ...Object.entries(values).map(([name, value]) => `${name}=${singleQuoted(value)}\n`),
    bashArray("owners", owners),
    `write_template() {\n${Object.entries(files).map(writeFile).join("")}}\n`,
    readFileSync(join(import.meta.dirname, "build-sbom.sh"), "utf8"),
  ].join("");
}

function writeFile([name, lines]: [string, string[]]): string {
  return `cat > "$work/${name}" <<'END'\n${lines.map((line) => `${line}\n`).join("")}END\n`;
}
