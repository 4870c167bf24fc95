import { readFileSync } from "node:fs";
import { join } from "node:path";
import { noComponent } from "../owners.ts";
import { bashArray, singleQuoted } from "../shell-data.ts";
import { cyclonedxTemplate } from "./cyclonedx.ts";
import type { SbomFacts } from "./facts.ts";
import { spdxTemplate } from "./spdx.ts";
import type { SbomTemplate } from "./template.ts";

/** Where bills of materials lie in a root tree. */
export const sbomFolder = "usr/share/hadron";

/** Their names there. */
export const sbomFiles = { spdx: "sbom.spdx.json", cyclonedx: "sbom.cdx.json" } as const;

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
  const templates = [
    { file: sbomFiles.spdx, ...spdxTemplate(facts) },
    { file: sbomFiles.cyclonedx, ...cyclonedxTemplate(facts) },
  ];
  return [
    ...Object.entries({ ...places, nobody: noComponent }).map(([name, value]) => `${name}=${singleQuoted(value)}\n`),
    bashArray("owners", owners),
    bashArray(
      "sboms",
      templates.map(({ file }) => file),
    ),
    `write_templates() {\n${templates.map(writeTemplate).join("")}}\n`,
    readFileSync(join(import.meta.dirname, "build-sbom.sh"), "utf8"),
  ].join("");
}

function writeTemplate(template: SbomTemplate & { file: string }): string {
  const { file, lines, variants, fileLine, fileReference } = template;
  const parts = {
    lines,
    variants: variants.map(({ source, sha256, line }) => `${source}\t${sha256}\t${line}`),
    file: [fileLine],
    reference: [fileReference],
  };
  return Object.entries(parts)
    .map(([name, text]) => `cat > "$work/${file}.${name}" <<'END'\n${text.map((one) => `${one}\n`).join("")}END\n`)
    .join("");
}
