import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { artifacts, cyclonedxOfArtifact, spdxOfArtifact, type WrittenSubject } from "../image/mod.ts";
import { openSubject } from "../oci/mod.ts";
import { type CycloneDxDocument, sbomPath, spdxOf } from "../rootfs/mod.ts";
import { type AttachedKind, attachedKinds } from "./attached-kinds.ts";
import type { Context } from "./command.ts";
import { writeText } from "./write-text.ts";

/** A document and what it is. */
export interface Document {
  kind: AttachedKind;
  text: string;
}

/**
 * The bills of materials of an artifact.
 * @param root The output tree of the step that made its root tree
 */
export async function sbomsOf(subject: WrittenSubject, root: string): Promise<Document[]> {
  const ofRoot = JSON.parse(await readFile(join(root, sbomPath), "utf8")) as CycloneDxDocument;
  const spdx = spdxOfArtifact(spdxOf(ofRoot), subject);
  const cyclonedx = cyclonedxOfArtifact(ofRoot, subject);
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
