import { type Descriptor, mediaTypes } from "../../oci/mod.ts";
import { type StepResult, usedSources } from "../store/store.ts";

/** Type of a manifest that holds one step's output. */
export const stepArtifactType = "application/vnd.hadron.step.v1";

/** What an entry says of itself, in its descriptor's and its manifest's annotations. */
const names = {
  key: "io.hadron.step.key",
  step: "io.hadron.step.name",
  output: "io.hadron.step.output",
  size: "io.hadron.step.size",
  seconds: "io.hadron.step.seconds",
  sources: "io.hadron.step.sources",
};

/** Who vouches for what the entry says: a DSSE envelope as JSON, with one signature or several. */
const signatureName = "io.hadron.step.signature";

export function annotationsOf(facts: StepResult, signature?: string): Record<string, string> {
  const said = Object.entries(names).flatMap(([field, name]) => {
    const fact = facts[field as keyof StepResult];
    return fact === undefined ? [] : [[name, typeof fact === "object" ? JSON.stringify(fact) : String(fact)]];
  });
  return { ...Object.fromEntries(said), ...(signature === undefined ? {} : { [signatureName]: signature }) };
}

/** `undefined` where the entry has none. */
export function signatureOf({ annotations }: Pick<Descriptor, "annotations">): string | undefined {
  const signature: unknown = annotations?.[signatureName];
  return typeof signature === "string" ? signature : undefined;
}

/** Without the configuration, which comes first and is empty. */
export function layersOf(blobs: readonly Descriptor[]): Descriptor[] {
  return blobs.slice(1);
}

/** `undefined` where the annotations are not an entry's. */
export function factsOf(descriptor: Descriptor): StepResult | undefined {
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
    sources: usedSources(parsed(value("sources"))),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
