import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { projectRoot } from "../../src/base/mod.ts";
import { filesThatNeedRoot, rootNeeded } from "../root-needed.ts";
import { importsOf } from "./layers.ts";
import { projectFiles } from "./tree.ts";

describe("tests that need root", () => {
  it("are those that ask container engines", () => {
    const asking = [...projectFiles("test/e2e/**/*.test.ts")]
      .filter(([, source]) => importsOf(source).some((specifier) => specifier.endsWith("/container-judge.ts")))
      .map(([path]) => path);
    expect(asking).toEqual(filesThatNeedRoot);
  });

  it("are named to another user, with what to do instead, and to root nothing is said", () => {
    expect(rootNeeded(0)).toBeUndefined();
    const said = rootNeeded(1000);
    expect(said).toContain("user 1000");
    expect(said).toContain("hint: sudo make test");
    const page = readFileSync(join(projectRoot, "CONTRIBUTING.md"), "utf8");
    for (const text of [said, page]) for (const file of filesThatNeedRoot) expect(text).toContain(`--exclude ${file}`);
  });
});
