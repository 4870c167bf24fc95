import { cacheRoot, type Emit, projectRoot } from "../src/base/mod.ts";
import type { Context } from "../src/cli/command.ts";
import type { BuildInput } from "../src/cli/workshop.ts";

/** What a command gets, for a script of the tests. */
export function scriptedContext(emit: Emit, more: Partial<Context> = {}): Context {
  return {
    emit,
    signal: new AbortController().signal,
    root: projectRoot,
    cacheRoot: cacheRoot(),
    environment: process.env,
    takeTerminal: () => {},
    ...more,
  };
}

/** What the command line would say of a build: nothing, but a cache that the environment names. */
export function plainInput(environment: NodeJS.ProcessEnv = process.env): BuildInput {
  return {
    offline: false,
    requireUpstream: false,
    mirror: undefined,
    plainHttp: [],
    ca: undefined,
    from: environment.HADRON_SOURCES || undefined,
    cacheFrom: (environment.HADRON_CACHE_FROM ?? "").split(",").filter((place) => place !== ""),
    cacheTrust: (environment.HADRON_CACHE_TRUST ?? "").split(",").filter((key) => key !== ""),
    cacheTo: [],
    cacheKey: undefined,
    allowTestKey: false,
    jobs: undefined,
  };
}
