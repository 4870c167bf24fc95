import { projectRoot, silent } from "../base/mod.ts";
import type { Context } from "./command.ts";

/** For tests: this checkout, with a cache folder that is not there unless one is named. */
export function testContext(cacheRoot = "/nonexistent/hadron-cache"): Context {
  const { signal } = new AbortController();
  return { emit: silent, signal, root: projectRoot, cacheRoot, environment: {}, takeTerminal: () => {} };
}
