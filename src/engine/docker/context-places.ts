import type { Sha256 } from "../../base/mod.ts";

/** Where in a build's context things lie; sources lie in a context of their own, each by its digest. */
export const contextPlaces = {
  dockerfile: "Dockerfile",
  /** The root of every step. */
  toolbox: "toolbox.tar",
  /** A folder of the project, as a step sees it. */
  files: (digest: Sha256) => `files/${digest}`,
  /** A step's output, as an archive. */
  output: (digest: Sha256) => `outputs/${digest}.tar`,
} as const;

/** The name of the context that holds the sources. */
export const sourcesContext = "sources";

/** All names at the top of the folder that has a context, with the sources in it. */
export const contextNames: ReadonlySet<string> = new Set([
  contextPlaces.dockerfile,
  contextPlaces.toolbox,
  "files",
  "outputs",
  sourcesContext,
]);

/** How the first line begins of all that {@link lowerToDockerfile} writes. */
export const dockerfileMark = "# A build graph, lowered by `hadron graph --as dockerfile`";
