import { messageOf } from "./errors.ts";

/** Why a `fetch` failed: it says only "fetch failed" itself, the reason is in the causes. */
export function networkReason(error: unknown): string {
  const inner = error instanceof AggregateError ? error.errors[0] : error instanceof Error ? error.cause : undefined;
  return inner === undefined ? messageOf(error) || String(error) : networkReason(inner);
}
