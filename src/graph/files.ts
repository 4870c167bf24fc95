import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { compareText, sha256 } from "../base/mod.ts";
import type { StepInput } from "./step.ts";

/**
 * The files of a project folder as an input, by content and executable bit; TypeScript stays out, it made the graph.
 * `undefined` where there are none.
 */
export function filesInput(directory: string, mount: string): (StepInput & { kind: "files" }) | undefined {
  const files = listFiles(directory);
  if (files.length === 0) return undefined;
  const lines = files.map((file) => {
    const executable = (statSync(file).mode & 0o100) !== 0;
    return JSON.stringify([relative(directory, file), executable, sha256(readFileSync(file))]);
  });
  return { kind: "files", directory, mount, digest: sha256(lines.join("\n")) };
}

/** Regular files below a folder that enter a build, sorted. Links are followed: the project holds none. */
export function listFiles(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort(compareText);
}
