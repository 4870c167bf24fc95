import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  artifacts,
  cyclonedxOfArtifact,
  extensionSbom,
  importedSbom,
  spdxOfArtifact,
  type WrittenSubject,
} from "../image/mod.ts";
import { openSubject } from "../oci/mod.ts";
import { type CycloneDxDocument, sbomPath, spdxOf } from "../rootfs/mod.ts";
import { type AttachedKind, attachedKinds } from "./attached-kinds.ts";
import type { BuiltArtifact } from "./build-artifact.ts";
import type { Context } from "./command.ts";
import { writeText } from "./write-text.ts";

/** A document and what it is. */
export interface Document {
  kind: AttachedKind;
  text: string;
}

/** The bill of materials of what is in an artifact. */
export async function contentsOf(
  built: Pick<BuiltArtifact, "image" | "kind" | "extensionName" | "root" | "supplied">,
): Promise<CycloneDxDocument> {
  const { image, kind, extensionName: name, root, supplied } = built;
  if (supplied && name !== undefined) {
    const { version } = image;
    return extensionSbom(supplied, { name, version, summary: artifacts[kind].summary });
  }
  if (root === undefined) throw new Error(`The root of "${image.name}" was not asked for`);
  const ofRoot = JSON.parse(await readFile(join(root, sbomPath), "utf8")) as CycloneDxDocument;
  return supplied ? importedSbom(supplied, ofRoot, image.kernel?.name ?? "") : ofRoot;
}

/**
 * The bills of materials of an artifact.
 * @param contents What is in it
 */
export function sbomsOf(subject: WrittenSubject, contents: CycloneDxDocument): Document[] {
  const spdx = spdxOfArtifact(spdxOf(contents), subject);
  const cyclonedx = cyclonedxOfArtifact(contents, subject);
  return [
    { kind: attachedKinds.spdx, text: `${JSON.stringify(spdx)}\n` },
    { kind: attachedKinds.cyclonedx, text: `${JSON.stringify(cyclonedx)}\n` },
  ];
}

/**
 * Attaches documents to an artifact that was written: beside a file, and in an image layout as referrers.
 * @returns where each is: a path, or the digest of the manifest that attaches it
 */
export async function attachDocuments(
  documents: readonly Document[],
  { kind, path }: Pick<WrittenSubject, "kind"> & { path: string },
  { environment, emit, signal }: Pick<Context, "environment" | "emit" | "signal">,
): Promise<string[]> {
  if (!("isFolder" in artifacts[kind])) {
    for (const { kind: attached, text } of documents) await writeText(path + attached.suffix, text, "ATTACHED_OUTPUT");
    return documents.map(({ kind: attached }) => path + attached.suffix);
  }
  using subject = await openSubject(path, "push", { environment, emit, signal });
  const places: string[] = [];
  for (const { kind: attached, text } of documents) {
    const { artifactType } = attached;
    const { digest } = await subject.attach({ artifactType, mediaType: artifactType, bytes: Buffer.from(text) });
    places.push(digest);
  }
  return places;
}
