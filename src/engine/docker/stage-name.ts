import { sourcesContext } from "./context-places.ts";

/** Names of stages that BuildKit keeps for itself, and that of the context which would come before a stage's. */
const takenNames = new Set(["context", "scratch", sourcesContext]);

/**
 * The stage that has a step's output, and its folder in the stage that brings outputs out. No two steps have the same, and none has one of the stages
 * beside it, in whose names two hyphens stand together. BuildKit wants `[a-z][a-z0-9-_.]*`, and doesn't tell upper case from lower.
 */
export function stageName(id: string): string {
  const inHex = (odd: string) => Buffer.from(odd).toString("hex").replaceAll(/../g, "_$&");
  const name = id.replaceAll(/[^a-z0-9-]|(?<=-)-/gu, (odd) => (odd === ":" ? "." : inHex(odd)));
  return /^[a-z]/.test(name) && !takenNames.has(name) ? name : `step--${name}`;
}
