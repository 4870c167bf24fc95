import { cacheRoot, projectRoot, silent } from "../src/base/mod.ts";
import { openProject } from "../src/cli/project.ts";
import type { Graph } from "../src/graph/mod.ts";

/** The steps of all components and images of this checkout. */
export async function projectGraph(): Promise<Graph> {
  const context = { emit: silent, signal: new AbortController().signal, environment: {}, takeTerminal: () => {} };
  const places = { root: projectRoot, cacheRoot: cacheRoot() };
  return (await openProject("x86_64", { ...context, ...places }, { images: "all" })).graph;
}
