import { readFile } from "node:fs/promises";
import { HadronError, messageOf, programName, type Sha256, sha256OfFile } from "../base/mod.ts";
import { sbomSubject } from "../image/mod.ts";
import type { RegistryOptions } from "../oci/mod.ts";
import { attachedKinds, type SbomFormat } from "./attached-kinds.ts";
import { isFile, openArtifact } from "./open-artifact.ts";

export interface FoundSbom {
  /** The artifact, as a path or a reference with its digest. */
  artifact: string;
  sha256: Sha256;
  document: unknown;
}

/**
 * The bill of materials that is attached to an artifact: a file, an image layout, or what a registry has.
 * @throws HadronError `ARTIFACT_UNKNOWN`, `SBOM_MISSING`, `SBOM_MISMATCH` (it is another artifact's), and what registries throw
 */
export async function findSbom(artifact: string, format: SbomFormat, options: RegistryOptions): Promise<FoundSbom> {
  const found = (await isFile(artifact))
    ? await besideFile(artifact, format)
    : await attachedToImage(artifact, format, options);
  const { sha256, document } = found;
  const of = sbomSubject(document, format);
  if (of === sha256) return found;
  throw new HadronError(
    `The bill of materials of "${artifact}" is another artifact's: it is of ${of ?? "none"}, expected ${sha256}`,
    {
      kind: "input",
      code: "SBOM_MISMATCH",
      at: artifact,
      hint: "One of the two was changed or replaced: take both from where they were made",
    },
  );
}

async function besideFile(artifact: string, format: SbomFormat): Promise<FoundSbom> {
  const path = artifact + attachedKinds[format].suffix;
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) throw missing(artifact, `there is no file "${path}"`);
  return { artifact, sha256: await sha256OfFile(artifact), document: parse(text, path) };
}

async function attachedToImage(artifact: string, format: SbomFormat, options: RegistryOptions): Promise<FoundSbom> {
  using subject = await openArtifact(artifact, "pull", options);
  const { artifactType } = attachedKinds[format];
  const sha256 = subject.descriptor.digest.slice("sha256:".length);
  const failures: unknown[] = [];
  let found: FoundSbom | undefined;
  // Anybody who may write to a registry can attach more: what is of another artifact, or of no form, must not hide what is of this one.
  for (const { blobs } of await subject.attached(artifactType)) {
    const [, layer] = blobs;
    if (layer === undefined) continue;
    const text = (await subject.read(layer)).toString("utf8");
    try {
      const one = { artifact: subject.name, sha256, document: parse(text, subject.name) };
      if (sbomSubject(one.document, format) === sha256) return one;
      found ??= one;
    } catch (error) {
      failures.push(error);
    }
  }
  if (found) return found;
  if (failures.length > 0) throw failures[0];
  throw missing(subject.name, `nothing of the type ${artifactType} is attached to it`);
}

function parse(text: string, at: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new HadronError(`The bill of materials can't be read: ${messageOf(error)}`, {
      kind: "input",
      code: "SBOM_MISMATCH",
      at,
      hint: `It was changed or cut off: take it from where it was made, or make the artifact again by ${programName()} image`,
      cause: error,
    });
  }
}

function missing(at: string, why: string): HadronError {
  return new HadronError(`There is no bill of materials of "${at}": ${why}`, {
    kind: "input",
    code: "SBOM_MISSING",
    at,
    hint: `${programName()} image writes one with each artifact; keep them together, or make the artifact again`,
  });
}
