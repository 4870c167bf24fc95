import { readFile } from "node:fs/promises";
import { z } from "zod";
import { type NamedAttestation, provenanceType, statementOf, statementType } from "../attest/mod.ts";
import { HadronError, isSystemError, programName } from "../base/mod.ts";
import { sbomSubject } from "../image/mod.ts";
import type { LoadedManifest, Subject } from "../oci/mod.ts";
import { attachedKinds } from "./attached-kinds.ts";

/** An artifact that is to be signed. */
export interface Signable {
  name: string;
  sha256: string;
}

type KindName = keyof typeof attachedKinds;

export const attestationWords: readonly KindName[] = Object.keys(attachedKinds) as KindName[];

/** What lies beside a file, as what is to be signed. @throws HadronError `ATTESTATION_MISMATCH` */
export async function attestationsBeside(path: string, artifact: Signable): Promise<NamedAttestation[]> {
  const found: NamedAttestation[] = [];
  for (const word of attestationWords) {
    const place = path + attachedKinds[word].suffix;
    const text = await readFile(place, "utf8").catch((error: unknown) => {
      if (isSystemError(error, "ENOENT")) return undefined;
      throw error;
    });
    if (text !== undefined) found.push(attestationOf(word, text, { artifact, at: place }));
  }
  return found;
}

/**
 * The same of what is attached to an image. Anybody who may write to a registry can attach something there, and what is signed is vouched
 * for: which of several is one's own, nothing in them says.
 * @throws HadronError `ATTESTATION_MISMATCH`, `ATTESTATION_AMBIGUOUS`, and what registries throw
 */
export async function attestationsAttached(subject: Subject, artifact: Signable): Promise<NamedAttestation[]> {
  const found: NamedAttestation[] = [];
  for (const word of attestationWords) {
    const manifests = await subject.attached(attachedKinds[word].artifactType);
    if (manifests.length > 1) throw ambiguous(word, subject.name, manifests);
    for (const { blobs, descriptor } of manifests) {
      const at = `${subject.name}, attached as ${descriptor.digest}`;
      const [, layer] = blobs;
      if (layer === undefined) throw mismatch(at, "it holds no document");
      found.push(attestationOf(word, (await subject.read(layer)).toString("utf8"), { artifact, at }));
    }
  }
  return found;
}

/**
 * Provenance is a statement already; a bill of materials becomes what is stated. What is signed is written anew from what was read, so that
 * no reader finds a member in it that this one did not see, such as the first of two of the same name.
 */
function attestationOf(
  word: KindName,
  text: string,
  { artifact, at }: { artifact: Signable; at: string },
): NamedAttestation {
  const { predicateType } = attachedKinds[word];
  const document = parse(text, at);
  if (word === "provenance") assertProvenance(document, { artifact, at });
  else assertOf(sbomSubject(document, word), { artifact, at });
  const statement = word === "provenance" ? document : statementOf(artifact, predicateType, document);
  return { word, predicateType, statement: Buffer.from(JSON.stringify(statement)) };
}

/** Strict: a reader in Go would take `Subject` for `subject`. */
const provenanceShape = z.strictObject({
  _type: z.literal(statementType),
  subject: z.tuple([z.strictObject({ name: z.string(), digest: z.strictObject({ sha256: z.string() }) })]),
  predicateType: z.literal(provenanceType),
  predicate: z.looseObject({}),
});

function assertProvenance(document: unknown, place: { artifact: Signable; at: string }): void {
  const read = provenanceShape.safeParse(document);
  if (!read.success) {
    const [issue] = read.error.issues;
    const where = issue?.path.join(".") || "the statement";
    throw mismatch(place.at, `it is no provenance of one artifact (${where}: ${issue?.message})`);
  }
  assertOf(read.data.subject[0].digest.sha256, place);
}

function assertOf(of: string | undefined, { artifact, at }: { artifact: Signable; at: string }): void {
  if (of !== artifact.sha256) throw mismatch(at, `it is of ${of ?? "no artifact, or of several"}`);
}

function parse(text: string, at: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value;
  } catch {
    // The same as what is no object.
  }
  throw mismatch(at, "it is no JSON document");
}

function mismatch(at: string, why: string): HadronError {
  return new HadronError(`What is attached is not signed, since it does not belong to the artifact: ${why}`, {
    kind: "input",
    code: "ATTESTATION_MISMATCH",
    at,
    hint: `Make the artifact again: ${programName()} image writes what belongs to it`,
  });
}

function ambiguous(word: KindName, at: string, manifests: readonly LoadedManifest[]): HadronError {
  const digests = manifests.map(({ descriptor }) => descriptor.digest);
  return new HadronError(`Several documents of one kind (${word}) are attached, and which are yours is not known`, {
    kind: "input",
    code: "ATTESTATION_AMBIGUOUS",
    at,
    hint: `Sign the layout that you built (${programName()} sign FOLDER), then push it: its signatures go along`,
    detail: digests.join("\n"),
  });
}
