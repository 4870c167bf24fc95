import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { compareText, projectRoot } from "../../src/base/mod.ts";

const excluded = ["node_modules/**", ".git/**", "out/**"];

/** Text files of the checkout that match, relative to it, sorted, with their content. */
export function projectFiles(...patterns: string[]): Map<string, string> {
  const paths = globSync(patterns, { cwd: projectRoot, exclude: excluded, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(projectRoot.length + 1))
    .sort(compareText);
  return new Map(paths.map((path) => [path, readFileSync(join(projectRoot, path), "utf8")]));
}
