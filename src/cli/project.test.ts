import { existsSync } from "node:fs";
import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { projectRoot, silent } from "../base/mod.ts";
import { readSourceLock } from "../engine/mod.ts";
import type { Context } from "./command.ts";
import { assertSource, findBuilt, openProject } from "./project.ts";

it("refuses a source that is unknown as a mistake of the command line, and guesses which was meant", () => {
  const lock = readSourceLock();
  expect(() => assertSource("zlob", lock)).toThrow(
    expect.objectContaining({
      kind: "usage",
      code: "SOURCE_UNKNOWN",
      hint: 'Did you mean "zlib"? hadron sources names them all',
    }),
  );
  assertSource("zlib", lock);
});

it("looks for what is built without making the cache folder", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "hadron-project-"));
  const context: Context = {
    ...{ emit: silent, signal: new AbortController().signal, environment: {}, takeTerminal: () => {} },
    ...{ root: projectRoot, cacheRoot: join(folder.path, "cache") },
  };
  const project = await openProject("x86_64", context);
  const { built } = await findBuilt(project, [...project.recipes.keys()], context);
  expect(built.size).toBe(0);
  expect(existsSync(context.cacheRoot)).toBe(false);
});
