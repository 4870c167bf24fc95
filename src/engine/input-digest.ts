import { compareText, type Sha256, sha256 } from "../base/mod.ts";
import type { StepInput } from "../graph/mod.ts";

type Choose = (source: string) => Sha256;

/**
 * The digest by which an input enters the key of its step.
 * @param options.outputOf The digest of a step's output
 * @param options.choose The digest of the bytes of a source that would be used now
 */
export function inputDigest(
  input: StepInput,
  { outputOf, choose }: { outputOf: (step: string) => Sha256; choose: Choose },
): Sha256 {
  switch (input.kind) {
    case "step":
      return outputOf(input.step);
    case "source":
      return choose(input.source);
    case "pins":
      return sha256(pinsText(input.sources, choose));
    case "files":
      return input.digest;
  }
}

/** The file of an input of kind `pins`. */
export function pinsText(sources: readonly string[], choose: Choose): string {
  return [...new Set(sources)]
    .sort(compareText)
    .map((name) => `${choose(name)}  ${name}\n`)
    .join("");
}
