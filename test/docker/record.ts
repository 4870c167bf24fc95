import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot, writeFileAtomic } from "../../src/base/mod.ts";
import { fillSection } from "../bench/page.ts";
import { currentCommit } from "../reproducible/commit.ts";
import type { Result } from "../reproducible/compare-builds.ts";
import { resultSentence } from "../reproducible/record-result.ts";

const place = "docs/docker.md";

/** Keeps the result in the documentation; the digests themselves are those of `make verify-reproducible`. @returns the page */
export async function recordDocker(result: Result): Promise<string> {
  const page = join(projectRoot, place);
  const text = resultSentence(result, { commit: currentCommit(), now: new Date() });
  await writeFileAtomic(page, fillSection(readFileSync(page, "utf8"), "result", text));
  return place;
}
