import { readFile } from "node:fs/promises";
import { z } from "zod";
import { type NamedAttestation, statementOf } from "../attest/mod.ts";
import { HadronError, isSystemError, programName } from "../base/mod.ts";
import { sbomSubject } from "../image/mod.ts";
import type { Subject } from "../oci/mod.ts";
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

/** The same of what is attached to an image. @throws HadronError `ATTESTATION_MISMATCH`, and what registries throw */
export async function attestationsAttached(subject: Subject, artifact: Signable): Promise<NamedAttestation[]> {
  const found: NamedAttestation[] = [];
  for (const word of attestationWords) {
    // An image that was made again after the program was changed may have several; each says what is true.
    for (const { blobs } of await subject.attached(attachedKinds[word].artifactType)) {
      const [, layer] = blobs;
      if (layer === undefined) continue;
      const text = (await subject.read(layer)).toString("utf8");
      found.push(attestationOf(word, text, { artifact, at: subject.name }));
    }
  }
  return found;
}

/** Provenance is a statement already; a bill of materials becomes what is stated. Neither is signed for another artifact than its own. */
function attestationOf(
  word: KindName,
  text: string,
  { artifact, at }: { artifact: Signable; at: string },
): NamedAttestation {
  const { predicateType } = attachedKinds[word];
  const document = parse(text, at);
  const of = word === "provenance" ? statementSubjects(document) : [sbomSubject(document)];
  if (!of.includes(artifact.sha256)) throw mismatch(at, `it is of ${of.join(", ") || "no artifact"}`);
  const statement =
    word === "provenance" ? text.trim() : JSON.stringify(statementOf(artifact, predicateType, document));
  return { word, predicateType, statement: Buffer.from(statement) };
}

const subjects = z.object({ subject: z.array(z.object({ digest: z.object({ sha256: z.string() }) })) });

function statementSubjects(document: unknown): string[] {
  return subjects.safeParse(document).data?.subject.map(({ digest }) => digest.sha256) ?? [];
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
