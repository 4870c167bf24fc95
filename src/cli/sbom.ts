import { chooseCandidate, type SourceLock, sourceEntry } from "../engine/mod.ts";
import { sourceDateEpoch } from "../graph/mod.ts";
import type { Recipe } from "../recipe/mod.ts";
import { componentsOf, type Image } from "../rootfs/mod.ts";

export interface SbomInput {
  image: Image;
  recipes: ReadonlyMap<string, Recipe>;
  lock: SourceLock;
  cacheRoot: string;
  requireUpstream: boolean;
  /** Key of the step that made the artifact: what makes this document's name its own. */
  key: string;
}

/**
 * What an image consists of, as SPDX 2.3: its components, and of each the sources that it was built from, with licence,
 * digest, and whether the bytes are upstream's own or Debian's repack. It says nothing of the machine that built, and has a
 * fixed time, so that the same image has the same document.
 */
export function renderSbom(input: SbomInput): string {
  const { image, recipes, key } = input;
  const { name, version, kernel } = image;
  const components = [...componentsOf({ image, recipes }), ...(kernel === undefined ? [] : [kernel])];
  const imageId = `SPDXRef-Image-${name}`;
  const parts = components.map((component) => {
    const names = component.sources ?? [component.name];
    const versions = names.map((source) => sourceEntry(source, input.lock).version);
    return {
      component: {
        ...packageFields(`SPDXRef-Component-${component.name}`, component.name, versions[0] ?? version),
        summary: component.summary,
      },
      sources: names.map((source) => sourcePackage(source, input)),
    };
  });
  // A source that serves several components is one package.
  const sources = new Map(parts.flatMap((part) => part.sources.map((source) => [source.SPDXID, source] as const)));
  const relationships = parts.flatMap(({ component, sources }) => [
    relationship(imageId, "CONTAINS", component.SPDXID),
    ...sources.map((source) => relationship(component.SPDXID, "GENERATED_FROM", source.SPDXID)),
  ]);
  const document = {
    spdxVersion: "SPDX-2.3",
    dataLicense: "CC0-1.0",
    SPDXID: "SPDXRef-DOCUMENT",
    name: `hadron-${name}-${version}`,
    documentNamespace: `urn:hadron:sbom:${name}:${key}`,
    creationInfo: {
      created: new Date(sourceDateEpoch * 1000).toISOString().replace(".000Z", "Z"),
      creators: ["Tool: hadron"],
    },
    packages: [
      { ...packageFields(imageId, name, version), primaryPackagePurpose: "OPERATING-SYSTEM", summary: image.summary },
      ...parts.map(({ component }) => component),
      ...sources.values(),
    ],
    relationships: [relationship("SPDXRef-DOCUMENT", "DESCRIBES", imageId), ...relationships],
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

function sourcePackage(source: string, { lock, cacheRoot, requireUpstream }: SbomInput) {
  const { version, sha256, origin } = chooseCandidate(source, { lock, cacheRoot, requireUpstream });
  const { licence, homepage, candidates } = sourceEntry(source, lock);
  const places = candidates.find((candidate) => candidate.sha256 === sha256)?.places ?? [];
  const whose = origin === "upstream" ? "Upstream's file" : "Repacked by Debian";
  return {
    ...packageFields(`SPDXRef-Source-${source}`, source, version),
    primaryPackagePurpose: "SOURCE",
    downloadLocation: places.find((place) => !place.startsWith("debian:")) ?? "NOASSERTION",
    sourceInfo: `${whose} (${origin}); to be had from: ${places.join(" ")}`,
    homepage,
    licenseDeclared: licence,
    checksums: [{ algorithm: "SHA256", checksumValue: sha256 }],
  };
}

function packageFields(SPDXID: string, name: string, versionInfo: string) {
  return { SPDXID, name, versionInfo, downloadLocation: "NOASSERTION", filesAnalyzed: false };
}

function relationship(spdxElementId: string, relationshipType: string, relatedSpdxElement: string) {
  return { spdxElementId, relationshipType, relatedSpdxElement };
}
