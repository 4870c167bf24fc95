import { chmod, mkdir, mkdtempDisposable, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { filesInput } from "./files.ts";

async function folder(text = "text") {
  const made = await mkdtempDisposable(join(tmpdir(), "hadron-files-"));
  await mkdir(join(made.path, "sub"));
  await writeFile(join(made.path, "sub/data"), text);
  await writeFile(join(made.path, "recipe.ts"), "");
  return made;
}

describe("filesInput", () => {
  it("depends on content, names and the executable bit", async () => {
    await using a = await folder();
    await using b = await folder("other");
    const digest = filesInput(a.path, "/recipe")?.digest;
    expect(filesInput(b.path, "/recipe")?.digest).not.toBe(digest);
    await chmod(join(a.path, "sub/data"), 0o755);
    expect(filesInput(a.path, "/recipe")?.digest).not.toBe(digest);
  });

  it("does not depend on where the folder lies, times, other modes, TypeScript, and empty folders", async () => {
    await using a = await folder();
    await using b = await folder();
    await utimes(join(b.path, "sub/data"), 1, 1);
    await chmod(join(b.path, "sub/data"), 0o660);
    await writeFile(join(b.path, "recipe.ts"), "// changed");
    await mkdir(join(b.path, "empty"));
    expect(filesInput(b.path, "/recipe")?.digest).toBe(filesInput(a.path, "/recipe")?.digest);
  });

  it("is nothing where there are no files", async () => {
    await using empty = await mkdtempDisposable(join(tmpdir(), "hadron-files-"));
    expect(filesInput(empty.path, "/recipe")).toBeUndefined();
  });
});
