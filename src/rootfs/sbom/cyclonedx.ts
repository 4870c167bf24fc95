import { sourceDateEpoch } from "../../graph/mod.ts";
import type { SourceFacts } from "../source-facts.ts";
import type { CycloneDxComponent, CycloneDxDocument } from "./documents.ts";
import { describeOrigin, packageUrl, type SbomFacts, type SbomPart, upstreamPlace } from "./facts.ts";
import { line, type SbomTemplate } from "./template.ts";

/** What every document says of itself first. */
export const bomFormat = {
  $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
  bomFormat: "CycloneDX",
  specVersion: "1.6",
} as const;

/** @param component What the document is of */
export function bomMetadata(component: CycloneDxComponent): CycloneDxDocument["metadata"] {
  return {
    timestamp: new Date(sourceDateEpoch * 1000).toISOString().replace(".000Z", "Z"),
    lifecycles: [{ phase: "build" }],
    tools: { components: [{ type: "application", name: "hadron" }] },
    component,
  };
}

/** The bill of materials of an image as CycloneDX 1.6: components with their files in them, and the sources as what each descends from. */
export function cyclonedxTemplate({ image, parts, sources }: SbomFacts): SbomTemplate {
  const lines = [
    "{",
    ...Object.entries(bomFormat).map(([field, value]) => `${line(field)}:${line(value)}`),
    `"serialNumber":"urn:uuid:@UUID@"`,
    `"version":1`,
    `"metadata":${line(
      bomMetadata({
        type: "operating-system",
        "bom-ref": "image",
        name: image.name,
        version: image.version,
        description: image.summary,
      }),
    )}`,
    `"components":[`,
    ...parts.flatMap(partLines),
    "]",
    `"dependencies":[`,
    line({ ref: "image", dependsOn: parts.map(({ name }) => name) }),
    ...parts.map(({ name, needs }) => line({ ref: name, ...(needs.length === 0 ? {} : { dependsOn: needs }) })),
    "]",
    "}",
  ];
  const variants = [...sources].flatMap(([source, facts]) =>
    facts.candidates.map((candidate) => ({
      source,
      sha256: candidate.sha256,
      line: line(sourceComponent(source, facts, candidate)),
    })),
  );
  return {
    lines,
    variants,
    fileLine: line({ type: "file", name: "@PATH@", hashes: [{ alg: "SHA-256", content: "@SHA256@" }] }),
  };
}

function partLines(part: SbomPart): string[] {
  const { name, version, summary, licence, recipe, sources } = part;
  const head = line({
    type: "library",
    "bom-ref": name,
    name,
    version,
    description: summary,
    licenses: licences(licence),
    ...(sources.length === 0 ? {} : { purl: packageUrl(name, version) }),
    properties: [{ name: "hadron:recipe", value: recipe }],
  });
  const descent =
    sources.length === 0 ? [] : [`"pedigree":{"ancestors":[`, ...sources.map((source) => `@source ${source}`), "]}"];
  return [head.slice(0, -1), ...descent, `"components":[`, `@files ${name}`, "]", "}"];
}

function sourceComponent(name: string, facts: SourceFacts, candidate: SourceFacts["candidates"][number]): object {
  const { version, licence, homepage } = facts;
  const place = upstreamPlace(candidate);
  return {
    type: "library",
    name,
    version,
    hashes: [{ alg: "SHA-256", content: candidate.sha256 }],
    licenses: licences(licence),
    purl: packageUrl(name, version),
    externalReferences: [
      ...(place === undefined ? [] : [{ type: "source-distribution", url: place }]),
      { type: "website", url: homepage },
    ],
    properties: [{ name: "hadron:origin", value: describeOrigin(candidate, facts) }],
  };
}

/** Those that whoever publishes it declares, as an SPDX expression. */
export function licences(expression: string): NonNullable<CycloneDxComponent["licenses"]> {
  return [{ expression, acknowledgement: "declared" }];
}
