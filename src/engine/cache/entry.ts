import type { Sha256 } from "../../base/mod.ts";
import { type Descriptor, mediaTypes } from "../../oci/mod.ts";

/** Type of a manifest that holds one step's output. */
export const stepArtifactType = "application/vnd.hadron.step.v1";

/** What an entry says of itself, in its descriptor's and its manifest's annotations. */
export interface EntryFacts {
  key: Sha256;
  step: string;
  output: Sha256;
  size: number;
  seconds: number;
}

const names = {
  key: "io.hadron.step.key",
  step: "io.hadron.step.name",
  output: "io.hadron.step.output",
  size: "io.hadron.step.size",
  seconds: "io.hadron.step.seconds",
};

export function annotationsOf(facts: EntryFacts): Record<string, string> {
  return Object.fromEntries(
    Object.entries(names).map(([field, name]) => [name, String(facts[field as keyof EntryFacts])]),
  );
}

/** `undefined` where the annotations are not an entry's. */
export function factsOf(descriptor: Descriptor): EntryFacts | undefined {
  const value = (field: keyof typeof names): string => descriptor.annotations?.[names[field]] ?? "";
  const digest = /^[0-9a-f]{64}$/;
  if (descriptor.mediaType !== mediaTypes.manifest || !digest.test(value("key")) || !digest.test(value("output")))
    return undefined;
  return {
    key: value("key"),
    step: value("step"),
    output: value("output"),
    size: Number(value("size")) || 0,
    seconds: Number(value("seconds")) || 0,
  };
}
