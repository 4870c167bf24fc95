import { mkdir, mkdtempDisposable, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { writeFileAtomic } from "./atomic-file.ts";

describe("writeFileAtomic", () => {
  it("replaces a file, makes missing folders, and leaves nothing beside it", async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "hadron-"));
    const path = join(folder.path, "a/b/file");
    await writeFileAtomic(path, "old");
    await writeFileAtomic(path, Buffer.from("new"), 0o600);
    expect(await readFile(path, "utf8")).toBe("new");
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(folder.path, "a/b"))).toEqual(["file"]);
  });

  it("leaves nothing where it fails", async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "hadron-"));
    await mkdir(join(folder.path, "place"));
    await writeFile(join(folder.path, "place/inside"), "");
    await expect(writeFileAtomic(join(folder.path, "place"), "x")).rejects.toThrow();
    expect(await readdir(folder.path)).toEqual(["place"]);
  });

  it("many at once for one file leave one of them, whole", async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "hadron-"));
    const path = join(folder.path, "file");
    const texts = Array.from({ length: 20 }, (_, index) => String(index).repeat(5000));
    await Promise.all(texts.map((text) => writeFileAtomic(path, text)));
    expect(texts).toContain(await readFile(path, "utf8"));
    expect(await readdir(folder.path)).toEqual(["file"]);
  });
});
