import type { Sha256 } from "../base/mod.ts";

/**
 * One pure function of the build graph. It sees the toolbox as its root, its inputs read-only at fixed paths, and
 * writes one output tree at /out.
 */
export interface Step {
  /** Unique: `zlib`, `zlib:test`, `cloud:root`. */
  id: string;
  /** `recipes/zlib/recipe.ts:4`: relative to the project, for messages; never part of the key. */
  at: string;
  /** bash, run with `-euo pipefail` in /build. */
  script: string;
  /** Part of the key. What adapts to the machine (`JOBS`) is set by the engine and is not. */
  env: Record<string, string>;
  inputs: StepInput[];
}

export type StepInput =
  /** Another step's output. Several at the same place are merged; a path in two of them with other content is an error. */
  | { kind: "step"; step: string; mount: string }
  /** One file of the source lock. */
  | { kind: "source"; source: string; mount: string }
  /**
   * Which bytes of these sources a build uses, without the bytes: a file of `<sha256>  <name>` lines, sorted by name. So a step can say
   * what others were made from, and nothing has to be fetched for it.
   */
  | { kind: "pins"; sources: readonly string[]; mount: string }
  /** Files of the project (a recipe's folder, `os/`), by content. */
  | { kind: "files"; directory: string; mount: string; digest: Sha256 };

/** Steps in topological order: every step comes after those it takes input from. */
export interface Graph {
  arch: string;
  steps: ReadonlyMap<string, Step>;
}
