import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot, writeFileAtomic } from "../../src/base/mod.ts";
import { fillSection } from "../bench/page.ts";
import { currentCommit } from "../reproducible/commit.ts";
import type { Result } from "../reproducible/compare-builds.ts";
import { resultSentence } from "../reproducible/record-result.ts";

/** Keeps the result in the documentation; the digests themselves are those of `make verify-reproducible`. */
export async function recordDocker(result: Result): Promise<void> {
  const page = join(projectRoot, "docs/docker.md");
  const text = resultSentence(result, { commit: currentCommit(), now: new Date() });
  await writeFileAtomic(page, fillSection(readFileSync(page, "utf8"), "result", text));
}
