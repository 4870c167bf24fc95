import { mkdir, mkdtemp, readdir, rm, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { listenForOne } from "./listen.ts";
import { livenessSocket, makeWorkFolder, sweep } from "./work-folder.ts";

test("what a killed process left is removed, what is in use is not", async () => {
  await using stack = new AsyncDisposableStack();
  const parent = await mkdtemp(join(tmpdir(), "sweep-"));
  stack.defer(() => rm(parent, { recursive: true }));
  for (const name of ["hadron-vm-dead", "hadron-vm-live", "other"]) await mkdir(join(parent, name));
  // As if it were made later in this very millisecond.
  const now = Date.now() / 1000 + 5;
  await utimes(join(parent, "hadron-vm-dead"), now, now);
  stack.use(await listenForOne(join(parent, "hadron-vm-live", livenessSocket)));
  await sweep(parent, 0);
  expect((await readdir(parent)).sort()).toEqual(["hadron-vm-live", "other"]);
});

test("a work folder is private and goes with its owner", async () => {
  let path = "";
  {
    await using folder = await makeWorkFolder();
    path = folder.path;
    expect(await readdir(path)).toEqual([]);
  }
  await expect(readdir(path)).rejects.toThrow("ENOENT");
});
