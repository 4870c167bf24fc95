import type { SourceProvider } from "./build-options.ts";
import { parallelFetches } from "./sources/fetch.ts";

/**
 * Asks a provider once for each source, and for a few at a time, in the order in which they are asked for. What is there already
 * does not wait for others.
 * @param signal Nothing more is begun once it is given
 */
export function queueSources(
  provider: SourceProvider,
  signal: AbortSignal,
  parallel = parallelFetches,
): SourceProvider {
  type Fetched = ReturnType<SourceProvider["ensure"]>;
  const asked = new Map<string, Fetched>();
  const waiting: (() => void)[] = [];
  let running = 0;
  const fetchInTurn = async (name: string): Promise<Awaited<Fetched>> => {
    if (running >= parallel) await new Promise<void>((go) => waiting.push(go));
    else running += 1;
    try {
      signal.throwIfAborted();
      return await provider.ensure(name);
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
  return {
    choose: (name) => provider.choose(name),
    has: (name) => provider.has(name),
    ensure: (name) => {
      const known = asked.get(name) ?? (provider.has(name) ? provider.ensure(name) : fetchInTurn(name));
      asked.set(name, known);
      return known;
    },
  };
}
