import type { Sha256 } from "../../base/mod.ts";
import type { Tree } from "./tree.ts";

export interface Finding {
  path: string;
  /** What is wrong there, as a sentence without a final period. */
  what: string;
  /** What to do, as a sentence. */
  hint: string;
}

export interface LintFacts {
  /** File name of the dynamic loader: `ld-musl-x86_64.so.1`. */
  loader: string;
  /** Digests of the regular files of the toolbox. */
  toolboxFiles: ReadonlySet<Sha256>;
  /** The image is there to build against the OS in, so it has what that takes. */
  isForDevelopment?: boolean;
}

/** One rule for root trees. */
export interface Linter {
  /** kebab-case; shown with every finding. */
  name: string;
  /** What holds in a tree without findings, as a sentence. */
  what: string;
  check(tree: Tree, facts: LintFacts): Finding[];
}
