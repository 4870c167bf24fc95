import { sourceDateEpoch } from "../../graph/mod.ts";
import type { SourceFacts } from "../source-facts.ts";
import { describeOrigin, packageUrl, type SbomFacts, type SbomPart, upstreamPlace } from "./facts.ts";
import { line, type SbomTemplate } from "./template.ts";

/** What elements are called: `@ID@` makes them this document's own. */
const idOf = (kind: string, name = ""): string => `urn:hadron:@ID@:${kind}${name === "" ? "" : `:${name}`}`;

/**
 * The bill of materials of an image as SPDX 3.0.1 (JSON-LD). Each component is a package with its files; a build (the recipe) leads to
 * it from its sources. The time is fixed, so that equal images have equal documents.
 */
export function spdxTemplate({ image, parts, sources }: SbomFacts): SbomTemplate {
  const licences = [...new Set([...parts, ...sources.values()].map(({ licence }) => licence))].sort();
  const declared = (from: string, licence: string): string =>
    relationship(idOf("licence-of", from), {
      from: from,
      relationshipType: "hasDeclaredLicense",
      to: [idOf("licence", String(licences.indexOf(licence)))],
    });
  const lines = [
    "{",
    `"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld"`,
    `"@graph":[`,
    line({
      type: "CreationInfo",
      "@id": "_:c",
      specVersion: "3.0.1",
      created: new Date(sourceDateEpoch * 1000).toISOString().replace(".000Z", "Z"),
      createdBy: [idOf("creator")],
    }),
    element("SoftwareAgent", idOf("creator"), { name: "hadron" }),
    element("SpdxDocument", idOf("document"), {
      name: `hadron-${image.name}-${image.version}`,
      profileConformance: ["core", "software", "simpleLicensing", "build"],
      rootElement: [idOf("sbom")],
      dataLicense: "https://spdx.org/licenses/CC0-1.0",
    }),
    element("software_Sbom", idOf("sbom"), { rootElement: [idOf("image")], software_sbomType: ["build"] }),
    element("software_Package", idOf("image"), {
      name: image.name,
      summary: image.summary,
      software_packageVersion: image.version,
      software_primaryPurpose: "operatingSystem",
    }),
    ...licences.map((expression, index) =>
      element("simplelicensing_LicenseExpression", idOf("licence", String(index)), {
        simplelicensing_licenseExpression: expression,
      }),
    ),
    ...parts.map(partLine),
    ...[...sources.keys()].map((name) => `@source ${name}`),
    ...parts.map((part) => declared(idOf("component", part.name), part.licence)),
    ...[...sources].map(([name, { licence }]) => declared(idOf("source", name), licence)),
    ...parts.flatMap(buildLines),
    relationship(idOf("parts"), {
      from: idOf("image"),
      relationshipType: "contains",
      to: parts.map(({ name }) => idOf("component", name)),
    }),
    ...parts
      .filter(({ needs }) => needs.length > 0)
      .map(({ name, needs }) =>
        relationship(idOf("needs-of", name), {
          from: idOf("component", name),
          relationshipType: "dependsOn",
          to: needs.map((need) => idOf("component", need)),
        }),
      ),
    ...parts.map(({ name }) => {
      const filled = { from: idOf("component", name), relationshipType: "contains", to: ["FILES"] };
      return `@with-files ${name} ${relationship(idOf("files-of", name), filled).replace('"FILES"', "@FILES@")}`;
    }),
    "@files",
    "]",
    "}",
  ];
  const variants = [...sources].flatMap(([source, facts]) =>
    facts.candidates.map((candidate) => ({
      source,
      sha256: candidate.sha256,
      line: sourceLine(source, facts, candidate),
    })),
  );
  return {
    lines,
    variants,
    fileLine: element("software_File", idOf("file", "@NUMBER@"), {
      name: "@PATH@",
      verifiedUsing: [hash("@SHA256@")],
    }),
    fileReference: `"${idOf("file", "@NUMBER@")}"`,
  };
}

function partLine({ name, version, summary, sources }: SbomPart): string {
  return element("software_Package", idOf("component", name), {
    name,
    summary,
    software_packageVersion: version,
    ...(sources.length === 0 ? {} : { software_packageUrl: packageUrl(name, version) }),
  });
}

function sourceLine(name: string, facts: SourceFacts, candidate: SourceFacts["candidates"][number]): string {
  const place = upstreamPlace(candidate);
  return element("software_Package", idOf("source", name), {
    name,
    verifiedUsing: [hash(candidate.sha256)],
    software_packageVersion: facts.version,
    software_packageUrl: packageUrl(name, facts.version),
    software_primaryPurpose: "source",
    software_homePage: facts.homepage,
    ...(place === undefined ? {} : { software_downloadLocation: place }),
    software_sourceInfo: describeOrigin(candidate, facts),
  });
}

/** The recipe: what makes the component of its sources. */
function buildLines({ name, recipe, sources }: SbomPart): string[] {
  const build = idOf("build", name);
  return [
    element("build_Build", build, {
      name,
      build_buildType: "urn:hadron:build-graph:1",
      build_configSourceEntrypoint: [recipe],
    }),
    ...(sources.length === 0
      ? []
      : [
          relationship(idOf("input-of", name), {
            from: build,
            relationshipType: "hasInput",
            to: sources.map((source) => idOf("source", source)),
          }),
        ]),
    relationship(idOf("output-of", name), {
      from: build,
      relationshipType: "hasOutput",
      to: [idOf("component", name)],
    }),
  ];
}

function element(type: string, spdxId: string, fields: Record<string, unknown>): string {
  return line({ type, spdxId, creationInfo: "_:c", ...fields });
}

function relationship(spdxId: string, fields: { from: string; relationshipType: string; to: string[] }): string {
  return element("Relationship", spdxId, fields);
}

function hash(hashValue: string): object {
  return { type: "Hash", algorithm: "sha256", hashValue };
}
