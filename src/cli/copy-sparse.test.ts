import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { copySparse } from "./copy-sparse.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hadron-copy-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it("copies every byte, and leaves holes where there are zeros", async () => {
  const content = Buffer.alloc(9 * 1024 * 1024 + 123);
  content.write("begin", 0);
  content.write("middle", 5 * 1024 * 1024 - 3);
  content.write("end", content.length - 3);
  await writeFile(join(folder, "from"), content);
  const to = join(folder, "new/folder/to.raw");
  expect(await copySparse(join(folder, "from"), to)).toEqual({ size: content.length });
  expect((await readFile(to)).equals(content)).toBe(true);
  expect((await stat(to)).blocks * 512).toBeLessThan(6 * 1024 * 1024);
});

it("makes the copy as large as wanted, never smaller than the original", async () => {
  await writeFile(join(folder, "from"), "data");
  expect(await copySparse(join(folder, "from"), join(folder, "a"), { size: 1 << 20 })).toEqual({ size: 1 << 20 });
  expect(await copySparse(join(folder, "from"), join(folder, "b"), { size: 2 })).toEqual({ size: 4 });
});

it("replaces what was there, and leaves nothing half-made", async () => {
  await writeFile(join(folder, "from"), "new");
  await writeFile(join(folder, "to"), "old");
  await copySparse(join(folder, "from"), join(folder, "to"));
  await expect(copySparse(join(folder, "missing"), join(folder, "to"))).rejects.toThrow("ENOENT");
  expect(await readFile(join(folder, "to"), "utf8")).toBe("new");
  expect((await readdir(folder)).sort()).toEqual(["from", "to"]);
});

it("says so where it can't write", async () => {
  await writeFile(join(folder, "from"), "new");
  await mkdir(join(folder, "taken"));
  await expect(copySparse(join(folder, "from"), join(folder, "taken"))).rejects.toMatchObject({
    code: "OUTPUT_UNWRITABLE",
    kind: "usage",
  });
  await expect(copySparse(join(folder, "from"), join(folder, "from/below"))).rejects.toMatchObject({
    code: "OUTPUT_UNWRITABLE",
  });
  expect((await readdir(folder)).sort()).toEqual(["from", "taken"]);
});
