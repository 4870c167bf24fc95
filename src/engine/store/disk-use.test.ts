import { link, mkdir, mkdtempDisposable, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { runProcess } from "../../base/mod.ts";
import { diskUse } from "./disk-use.ts";

it("counts what du counts: no holes, and a file with two names once", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "hadron-use-"));
  await mkdir(join(folder.path, "a/b"), { recursive: true });
  await writeFile(join(folder.path, "a/file"), "x".repeat(100_000));
  await link(join(folder.path, "a/file"), join(folder.path, "a/b/again"));
  await writeFile(join(folder.path, "disk.raw"), "x");
  await truncate(join(folder.path, "disk.raw"), 5e9);
  const { stdout } = await runProcess("du", ["-sk", folder.path], { env: { PATH: process.env.PATH ?? "" } });
  const use = await diskUse(folder.path);
  expect(use).toBe(Number(stdout.split("\t")[0]) * 1024);
  expect(use).toBeLessThan(1e6);
  expect(await diskUse(join(folder.path, "none"))).toBe(0);
});
