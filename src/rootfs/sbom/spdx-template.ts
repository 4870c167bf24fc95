import { cyclonedxTemplate } from "./cyclonedx.ts";
import type { CycloneDxDocument, SpdxElement } from "./documents.ts";
import type { SbomFacts } from "./facts.ts";
import { spdxContext, spdxOf } from "./spdx.ts";
import { line, type SbomTemplate, withoutFiles } from "./template.ts";

const comment =
  "Files are left out: sbom.cdx.json, beside this document, lists each, and so does the SPDX document that is attached to an artifact.";

/**
 * The bill of materials of an image as SPDX 3.0.1, but for the files, which take nine tenths of its bytes. Its elements are those that are
 * made of the CycloneDX afterwards (`spdxOf`), under the same names.
 */
export function spdxTemplate(facts: SbomFacts): SbomTemplate {
  const cyclonedx = cyclonedxTemplate(facts);
  const most = Math.max(1, ...[...facts.sources.values()].map(({ candidates }) => candidates.length));
  // One document for the first bytes of each source, one for the second, and so on: all that differs are the sources.
  const graphs = Array.from({ length: most }, (_, nth) => {
    const document = withoutFiles(cyclonedx, nth) as CycloneDxDocument;
    return spdxOf(document)["@graph"];
  });
  const [elements = []] = graphs;
  const sources = graphs.flat().filter(isSource);
  return {
    lines: [
      "{",
      `"@context":${line(spdxContext)}`,
      `"@graph":[`,
      ...elements.map((element) => (isSource(element) ? `@source ${element.name}` : line(described(element)))),
      "]",
      "}",
    ],
    variants: cyclonedx.variants.map(({ source, sha256 }) => ({
      source,
      sha256,
      line: line(sources.find((element) => element.name === source && isOf(element, sha256))),
    })),
    fileLine: undefined,
  };
}

function isSource({ software_primaryPurpose: purpose }: SpdxElement): boolean {
  return purpose === "source";
}

function isOf({ verifiedUsing = [] }: SpdxElement, sha256: string): boolean {
  return verifiedUsing.some(({ hashValue }) => hashValue === sha256);
}

function described(element: SpdxElement): SpdxElement {
  return element.type === "SpdxDocument" ? { ...element, comment } : element;
}
