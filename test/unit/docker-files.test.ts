import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { projectRoot } from "../../src/base/mod.ts";

const linesOf = (name: string): string[] =>
  readFileSync(join(projectRoot, name), "utf8")
    .split("\n")
    .filter((line) => line !== "");

/** Docker's patterns begin at the root, and git's anywhere unless they begin with a slash. */
const asDockers = (pattern: string): string =>
  pattern.endsWith("/") || pattern.startsWith("/") ? pattern.replaceAll("/", "") : `**/${pattern}`;

it("an image of the program has nothing of a checkout that git leaves out, such as keys", () => {
  expect(linesOf("docker/Dockerfile.dockerignore")).toEqual([".git", ...linesOf(".gitignore").map(asDockers)]);
});
