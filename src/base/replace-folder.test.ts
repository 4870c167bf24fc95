import { mkdir, mkdtempDisposable, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { replaceFolder } from "./replace-folder.ts";

it("puts a folder in the place of another, or of none, and keeps the old one where the new one is missing", async () => {
  await using root = await mkdtempDisposable(join(tmpdir(), "hadron-replace-"));
  const [path, beside] = [join(root.path, "folder"), join(root.path, "beside")];
  for (const name of ["first", "second"]) {
    await mkdir(beside);
    await writeFile(join(beside, name), "");
    await replaceFolder(path, beside);
    expect(await readdir(path)).toEqual([name]);
  }
  await expect(replaceFolder(path, beside)).rejects.toMatchObject({ code: "ENOENT" });
  expect(await readdir(path)).toEqual(["second"]);
  expect(await readdir(root.path)).toEqual(["folder"]);
});
