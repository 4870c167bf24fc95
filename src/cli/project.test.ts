import { existsSync } from "node:fs";
import { mkdir, mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { sha256 } from "../base/mod.ts";
import { closure, keyOf, openStore, readSourceLock, toolboxSetDigest } from "../engine/mod.ts";
import { assertSource, findBuilt, openProject, sourceProvider } from "./project.ts";
import { testContext } from "./test-context.ts";

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
  const context = testContext(join(folder.path, "cache"));
  const project = await openProject("x86_64", context);
  const { built } = await findBuilt(project, [...project.recipes.keys()], context);
  expect(built.size).toBe(0);
  expect(existsSync(context.cacheRoot)).toBe(false);
});

it("finds what is built by way of steps of which only the digest is known", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "hadron-project-"));
  const context = testContext(folder.path);
  const project = await openProject("x86_64", context);
  const store = await openStore(folder.path);
  const made = {
    options: { toolbox: { digest: await toolboxSetDigest("build") } },
    sources: sourceProvider({ lock: project.lock, cacheRoot: folder.path }),
  };
  for (const step of closure(project.graph, ["zlib"]).values()) {
    const key = keyOf(made, step, (id) => sha256(id));
    await store.remember({ key, step: step.id, output: sha256(step.id), size: 1, seconds: 1, sources: [] });
  }
  await mkdir(store.objectPath(sha256("zlib")));
  const { built } = await findBuilt(project, ["zlib"], context);
  expect([...built].map(([id, { output }]) => ({ id, output }))).toEqual([{ id: "zlib", output: sha256("zlib") }]);
});
