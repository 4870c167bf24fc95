import { type Emit, HadronError } from "../base/mod.ts";
import type { Step } from "../graph/mod.ts";
import type { SourceProvider } from "./build-options.ts";
import { sourcesOf } from "./closure.ts";
import { throwSourceErrors } from "./sources/fetch.ts";
import type { Survey } from "./survey.ts";

export interface FetchAheadOptions {
  sources: SourceProvider;
  emit: Emit;
  /** Nothing is said once it is given. */
  signal: AbortSignal;
}

/**
 * Starts on the sources of a build: first of the steps that have to run, then of those that may have to after them. That one of
 * the latter can't be had is said at once, and not after an hour of compiling; it is no failure yet, since the step's output may
 * turn out to be known.
 * @returns when all is there that is certainly needed. @throws HadronError `SOURCE_…` of what can't be had of it
 */
export async function fetchAhead(
  { toRun, perhaps }: Pick<Survey, "toRun" | "perhaps">,
  { sources, emit, signal }: FetchAheadOptions,
): Promise<void> {
  const wanted = new Set<string>();
  const fetch = (step: Step): { name: string; done: Promise<unknown> }[] => {
    const missing = sourcesOf(step).filter((name) => !wanted.has(name) && !sources.has(name));
    return missing.map((name) => {
      wanted.add(name);
      return { name, done: sources.ensure(name) };
    });
  };
  const certain = toRun.flatMap(fetch);
  for (const step of perhaps)
    for (const { name, done } of fetch(step))
      done.catch((error: unknown) => {
        if (signal.aborted || !(error instanceof HadronError)) return;
        const fate = `Step "${step.id}" will fail for want of the source "${name}", unless its output turns out to be known`;
        emit({ type: "warning", code: error.code, message: `${fate}. ${error.message}` });
      });
  const outcomes = await Promise.allSettled(certain.map(({ done }) => done));
  throwSourceErrors(outcomes.flatMap((it) => (it.status === "rejected" ? [it.reason] : [])));
}
