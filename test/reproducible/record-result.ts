import { readFileSync } from "node:fs";
import { join } from "node:path";
import { compareText, projectRoot, writeFileAtomic } from "../../src/base/mod.ts";
import { fillSection } from "../bench/page.ts";
import { type Commit, currentCommit } from "./commit.ts";
import type { Different, Pair, Result } from "./compare-builds.ts";
import { describeResult } from "./describe-differences.ts";

/**
 * Prints what differs, and how much is the same.
 * @param record Keeps the result of a whole run, and gives the page that has it
 * @returns the exit status
 */
export async function tellResult(result: Result, record?: (result: Result) => Promise<string>): Promise<number> {
  process.stdout.write(`${describeResult(result)}${countsOf(result)}\n`);
  if (record) console.log(`Written to ${await record(result)}`);
  return Object.values(result.different).flat().length === 0 ? 0 : 1;
}

const place = "docs/reproducible.md";

/** Keeps the result of a whole run in the documentation. @returns the page */
export async function recordResult(result: Result): Promise<string> {
  const page = join(projectRoot, place);
  const text = resultText(result, { commit: currentCommit(), now: new Date() });
  await writeFileAtomic(page, fillSection(readFileSync(page, "utf8"), "result", text));
  return place;
}

/** `186 of 187 steps and 22 of 22 artifacts are bit-identical` */
export function countsOf({ steps, artifacts, different }: Result): string {
  const count = (pairs: readonly Pair[], others: readonly Different[]): string =>
    `${pairs.length - others.length} of ${pairs.length}`;
  return `${count(steps, different.steps)} steps and ${count(artifacts, different.artifacts)} artifacts are bit-identical`;
}

/** Date, commit and counts; and what differed. */
export function resultSentence(result: Result, { commit, now }: { commit: Commit; now: Date }): string {
  const { different } = result;
  const changes = commit.isChanged ? ", with changes that were not committed" : "";
  const names = [...different.artifacts, ...different.steps].map(({ name }) => `\`${name}\``);
  return [
    `${now.toISOString().slice(0, 10)}, commit ${commit.id.slice(0, 12)}${changes}: ${countsOf(result)}.`,
    ...(names.length > 0 ? [`Different: ${names.join(", ")}.`] : []),
  ].join("\n\n");
}

/** The same, and all digests of the first build. */
export function resultText(result: Result, when: { commit: Commit; now: Date }): string {
  const lines = [
    ...result.artifacts.map(({ name, digests }) => `artifact ${name} ${digests.first}`),
    ...result.steps.map(({ name, digests }) => `step ${name} ${digests.first}`),
  ];
  return `${resultSentence(result, when)}\n\n\`\`\`text\n${lines.sort(compareText).join("\n")}\n\`\`\``;
}
