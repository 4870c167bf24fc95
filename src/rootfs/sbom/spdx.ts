import { compareText } from "../../base/mod.ts";
import type { CycloneDxComponent, CycloneDxDocument, SpdxDocument, SpdxElement } from "./documents.ts";

export const spdxContext = "https://spdx.org/rdf/3.0.1/spdx-context.jsonld";

/** Stands for the licences of what nobody here knows any of; in SPDX an individual of its own (SPDX 3.0.1, NoAssertionLicense). */
export const noAssertion = "NOASSERTION";
const noAssertionLicense = "expandedlicensing_NoAssertionLicense";

/** What elements are called: the document's own names, by its serial number. */
type IdOf = (kind: string, name?: string | number) => string;

/**
 * The bill of materials of an image as SPDX 3.0.1, from its CycloneDX, which says the same in a third of the bytes. Each component is a
 * package with its files; a build (the recipe) leads to it from its sources.
 */
export function spdxOf(document: CycloneDxDocument): SpdxDocument {
  const uuid = document.serialNumber.replace("urn:uuid:", "");
  const idOf: IdOf = (kind, name) => `urn:hadron:${uuid}:${kind}${name === undefined ? "" : `:${name}`}`;
  const { metadata, components: parts, dependencies } = document;
  const sources = sourcesOf(parts);
  const files = filesOf(parts);
  return {
    "@context": spdxContext,
    "@graph": [
      {
        type: "CreationInfo",
        "@id": "_:c",
        specVersion: "3.0.1",
        created: metadata.timestamp,
        createdBy: [idOf("creator")],
      },
      ...imageElements(metadata.component, idOf),
      ...licenceElements(parts, sources, idOf),
      ...parts.flatMap((part) => partElements(part, idOf)),
      ...sources.map((source) => sourceElement(source, idOf)),
      relationship(idOf("parts"), {
        from: idOf("image"),
        relationshipType: "contains",
        to: parts.map((part) => idOf("component", refOf(part))),
      }),
      ...needElements(dependencies, idOf),
      ...parts.flatMap((part) => containedElements(part, files, idOf)),
      ...[...files].map(([path, { number, sha256 }]) =>
        element("software_File", idOf("file", number), { name: path, verifiedUsing: [hash(sha256)] }),
      ),
    ],
  };
}

/** Each once, sorted by name: one source may be an ancestor of several components. */
function sourcesOf(parts: readonly CycloneDxComponent[]): CycloneDxComponent[] {
  const all = parts.flatMap(({ pedigree }) => pedigree?.ancestors ?? []);
  const byName = new Map(all.map((source) => [source.name, source]));
  return [...byName.values()].sort((a, b) => compareText(a.name, b.name));
}

/** Path → its number among all, and digest. */
function filesOf(parts: readonly CycloneDxComponent[]): Map<string, { number: number; sha256: string }> {
  const files = parts.flatMap(({ components = [] }) => components).sort((a, b) => compareText(a.name, b.name));
  return new Map(files.map((file, index) => [file.name, { number: index + 1, sha256: sha256Of(file) }]));
}

function imageElements({ type, name, version, description }: CycloneDxComponent, idOf: IdOf): SpdxElement[] {
  return [
    element("SoftwareAgent", idOf("creator"), { name: "hadron" }),
    element("SpdxDocument", idOf("document"), {
      name: ["hadron", name, ...(version === undefined ? [] : [version])].join("-"),
      profileConformance: ["core", "software", "simpleLicensing", "build"],
      rootElement: [idOf("sbom")],
      dataLicense: "https://spdx.org/licenses/CC0-1.0",
    }),
    element("software_Sbom", idOf("sbom"), { rootElement: [idOf("image")], software_sbomType: ["build"] }),
    element("software_Package", idOf("image"), {
      name,
      summary: description,
      software_packageVersion: version,
      software_primaryPurpose: type === "operating-system" ? "operatingSystem" : type,
    }),
  ];
}

function licenceElements(
  parts: readonly CycloneDxComponent[],
  sources: readonly CycloneDxComponent[],
  idOf: IdOf,
): SpdxElement[] {
  const declared = [
    ...parts.map((part) => ({ from: idOf("component", refOf(part)), licence: licenceOf(part) })),
    ...sources.map((source) => ({ from: idOf("source", source.name), licence: licenceOf(source) })),
  ];
  const known = declared.map(({ licence }) => licence).filter((licence) => licence !== noAssertion);
  const licences = [...new Set(known)].sort(compareText);
  return [
    ...licences.map((expression, index) =>
      element("simplelicensing_LicenseExpression", idOf("licence", index), {
        simplelicensing_licenseExpression: expression,
      }),
    ),
    ...declared.map(({ from, licence }) =>
      relationship(`${from}:licence`, {
        from,
        relationshipType: "hasDeclaredLicense",
        to: [licence === noAssertion ? noAssertionLicense : idOf("licence", licences.indexOf(licence))],
      }),
    ),
  ];
}

/** The component, and the recipe, where it has one, as what makes it of its sources. */
function partElements(part: CycloneDxComponent, idOf: IdOf): SpdxElement[] {
  const { type, name, version, description, purl, pedigree, hashes } = part;
  const ref = refOf(part);
  const build = idOf("build", ref);
  const [recipe, origin] = [propertyOf(part, "hadron:recipe"), propertyOf(part, "hadron:origin")];
  const component = element("software_Package", idOf("component", ref), {
    name,
    summary: description,
    software_packageVersion: version,
    ...(purl === undefined ? {} : { software_packageUrl: purl }),
    ...(hashes === undefined ? {} : { verifiedUsing: [hash(sha256Of(part))] }),
    ...(type === "container" ? { software_primaryPurpose: type } : {}),
    ...(origin === undefined ? {} : { software_sourceInfo: origin }),
  });
  if (recipe === undefined) return [component];
  return [
    component,
    element("build_Build", build, {
      name,
      build_buildType: "urn:hadron:build-graph:1",
      build_configSourceEntrypoint: [recipe],
    }),
    ...(pedigree === undefined
      ? []
      : [
          relationship(idOf("input-of", ref), {
            from: build,
            relationshipType: "hasInput",
            to: pedigree.ancestors.map((source) => idOf("source", source.name)),
          }),
        ]),
    relationship(idOf("output-of", ref), {
      from: build,
      relationshipType: "hasOutput",
      to: [idOf("component", ref)],
    }),
  ];
}

function sourceElement(source: CycloneDxComponent, idOf: IdOf): SpdxElement {
  const { name, version, purl, externalReferences = [] } = source;
  const urlOf = (wanted: string): string | undefined => externalReferences.find(({ type }) => type === wanted)?.url;
  const place = urlOf("source-distribution");
  return element("software_Package", idOf("source", name), {
    name,
    verifiedUsing: [hash(sha256Of(source))],
    software_packageVersion: version,
    software_packageUrl: purl,
    software_primaryPurpose: "source",
    software_homePage: urlOf("website"),
    ...(place === undefined ? {} : { software_downloadLocation: place }),
    software_sourceInfo: propertyOf(source, "hadron:origin"),
  });
}

function needElements(dependencies: CycloneDxDocument["dependencies"], idOf: IdOf): SpdxElement[] {
  return dependencies
    .filter(({ ref }) => ref !== "image")
    .flatMap(({ ref, dependsOn }) =>
      dependsOn === undefined
        ? []
        : [
            relationship(idOf("needs-of", ref), {
              from: idOf("component", ref),
              relationshipType: "dependsOn",
              to: dependsOn.map((need) => idOf("component", need)),
            }),
          ],
    );
}

function containedElements(part: CycloneDxComponent, files: ReturnType<typeof filesOf>, idOf: IdOf): SpdxElement[] {
  const { components = [] } = part;
  if (components.length === 0) return [];
  const to = components.map((file) => idOf("file", files.get(file.name)?.number));
  const ref = refOf(part);
  return [relationship(idOf("files-of", ref), { from: idOf("component", ref), relationshipType: "contains", to })];
}

/** By what dependencies name it as well. */
function refOf({ name, "bom-ref": ref = name }: CycloneDxComponent): string {
  return ref;
}

function licenceOf({ licenses = [] }: CycloneDxComponent): string {
  return licenses.map((one) => ("expression" in one ? one.expression : one.license.name)).join(" AND ");
}

function sha256Of({ hashes = [] }: CycloneDxComponent): string {
  return hashes.find(({ alg }) => alg === "SHA-256")?.content ?? "";
}

function propertyOf({ properties = [] }: CycloneDxComponent, wanted: string): string | undefined {
  return properties.find(({ name }) => name === wanted)?.value;
}

function element(type: string, spdxId: string, fields: Record<string, unknown>): SpdxElement {
  return { type, spdxId, creationInfo: "_:c", ...fields };
}

function relationship(spdxId: string, fields: { from: string; relationshipType: string; to: string[] }): SpdxElement {
  return element("Relationship", spdxId, fields);
}

function hash(hashValue: string): { type: string; algorithm: string; hashValue: string } {
  return { type: "Hash", algorithm: "sha256", hashValue };
}
