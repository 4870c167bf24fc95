import { join } from "node:path";
import { compareText, type Sha256, sha256OfFile } from "../base/mod.ts";
import { type Image, isBootable } from "../rootfs/mod.ts";
import { type Artifact, type ArtifactKind, artifacts, copyWhole, isExtension } from "./artifacts.ts";
import { writeArtifact } from "./write-artifact.ts";

/** What artifacts hold, and who compares a part of one asks for by itself. */
const inside: Record<string, { part: string; file: string }> = {
  initrd: { part: "initrd", file: "initrd.cpio.zst" },
  erofs: { part: "verity", file: "root.erofs" },
  verity: { part: "verity", file: "root.verity" },
};

/** The kinds that there are of an image, extensions aside: their files are the user's. */
function kindsOf(image: Image): ArtifactKind[] {
  const kinds = Object.keys(artifacts) as ArtifactKind[];
  return kinds.filter((kind) => !isExtension(kind) && (isBootable(image) || "isContainer" in artifacts[kind]));
}

/** The steps that the artifacts of an image come from, sorted. */
export function artifactSteps(image: Image): string[] {
  const parts = kindsOf(image).map((kind) => artifacts[kind].part);
  const all = isBootable(image) ? [...parts, ...Object.values(inside).map(({ part }) => part)] : parts;
  return [...new Set(all)].map((part) => `${image.name}:${part}`).sort(compareText);
}

export interface DigestedArtifact {
  /** Of a file's bytes; of an image layout, of its manifest. */
  sha256: Sha256;
  /** The file or folder that it is of. */
  path: string;
}

/**
 * The digest of every artifact of an image, by `<image>.<kind>`.
 * @param options.outputOf The output tree of a step; undefined where there is none, and no artifact of it
 * @param options.folder Where formats are written that are no plain copy of a step's file; what is written stays
 */
export async function digestArtifacts(
  image: Image,
  options: { outputOf: (step: string) => string | undefined; folder: string; signal?: AbortSignal | undefined },
): Promise<Map<string, DigestedArtifact>> {
  const { outputOf, folder, signal } = options;
  const digests = new Map<string, DigestedArtifact>();
  const ofFile = async (path: string): Promise<DigestedArtifact> => ({ sha256: await sha256OfFile(path), path });
  const digest = async (
    name: string,
    part: string,
    of: (output: string) => Promise<DigestedArtifact>,
  ): Promise<void> => {
    signal?.throwIfAborted();
    const output = outputOf(`${image.name}:${part}`);
    if (output !== undefined) digests.set(`${image.name}.${name}`, await of(output));
  };
  for (const kind of Object.keys(artifacts) as ArtifactKind[]) {
    const artifact: Artifact = artifacts[kind];
    if (!isExtension(kind) && !kindsOf(image).includes(kind)) continue;
    await digest(kind, artifact.part, (output) => {
      if (artifact.write === copyWhole) return ofFile(join(output, artifact.file(image)));
      return writeArtifact({ kind, image, output, to: join(folder, `${image.name}.${kind}`), signal });
    });
  }
  for (const [name, { part, file }] of Object.entries(inside))
    if (isBootable(image)) await digest(name, part, (output) => ofFile(join(output, file)));
  return new Map([...digests].sort(([a], [b]) => compareText(a, b)));
}
