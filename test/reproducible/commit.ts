import { spawnSync } from "node:child_process";
import { projectRoot } from "../../src/base/mod.ts";

export interface Commit {
  /** Whole; "unknown" where the checkout is none of git's. */
  id: string;
  /** Whether files differ from it. */
  isChanged: boolean;
}

/** What is checked out. */
export function currentCommit(): Commit {
  const git = (...words: string[]) => spawnSync("git", ["-C", projectRoot, ...words], { encoding: "utf8" });
  const { status, stdout } = git("rev-parse", "HEAD");
  if (status !== 0) return { id: "unknown", isChanged: false };
  return { id: stdout.trim(), isChanged: git("status", "--porcelain").stdout.trim() !== "" };
}
