import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot, writeFileAtomic } from "../../src/base/mod.ts";
import { fillSection } from "../bench/page.ts";
import { type Commit, currentCommit } from "../reproducible/commit.ts";
import { type Exception, exceptions, explain } from "./exceptions.ts";
import type { Shipped } from "./shipped.ts";

/** A paragraph of the README: counts, and each exception with its cause. */
export function resultText(
  shipped: Shipped,
  { commit, now, known = exceptions }: { commit: Commit; now: Date; known?: readonly Exception[] },
): string {
  const { same, files, differing, others, otherCount } = shipped;
  const changes = commit.isChanged ? ", with changes that were not committed" : "";
  const { counts, unexplained } = explain(shipped, known);
  const causes = [...counts].map(([cause, count]) => `${countText(count)}: ${cause}`);
  const rest = [...(unexplained.files.length > 0 ? [`${unexplained.files.length} files, not explained yet`] : [])];
  return [
    "**Independent of the toolbox**: built with Debian 12's packages instead of Debian 13's (`make ddc`), ",
    `${files - differing.length} of ${files} shipped files and ${otherCount - others.length} of ${otherCount} kernels and artifacts are bit-identical, `,
    `of ${same.map((image) => `\`${image}\``).join(" and ") || "no image"} all `,
    `(${now.toISOString().slice(0, 10)}, commit ${commit.id.slice(0, 12)}${changes}). `,
    `Exceptions: ${[...causes, ...rest, ...unexplained.others].join("; ") || "none"}.`,
  ].join("");
}

function countText({ files, others }: { files: number; others: number }): string {
  return others === 0 ? `${files} files` : `${files} files, and ${others} artifacts with them`;
}

/** Keeps the result in the README. */
export async function recordShipped(shipped: Shipped): Promise<void> {
  const page = join(projectRoot, "README.md");
  const text = resultText(shipped, { commit: currentCommit(), now: new Date() });
  await writeFileAtomic(page, fillSection(readFileSync(page, "utf8"), "ddc", text));
}
