import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { removeTree } from "../src/engine/mod.ts";
import { renderErrorReport, reportError } from "../src/report/mod.ts";

export interface WholeRun {
  /** What earlier runs finished, and this one goes on with. */
  folder: string;
  /** Forgets it first. */
  isFresh: boolean;
  /** What is in there for this run alone, by name. */
  passing: readonly string[];
}

/** A target that takes as long as a first build, and goes on where it was stopped. @param run Gives the exit status */
export async function runWhole({ folder, isFresh, passing }: WholeRun, run: () => Promise<number>): Promise<void> {
  const clear = async () => {
    for (const name of passing) await removeTree(join(folder, name));
  };
  try {
    if (isFresh) await removeTree(folder);
    await mkdir(folder, { recursive: true });
    await clear();
    process.exitCode = await run();
    await clear();
  } catch (error) {
    const report = reportError(error);
    process.stderr.write(renderErrorReport(report));
    process.exitCode = report.exitStatus;
  }
}
