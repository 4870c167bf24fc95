import { mkdir, mkdtempDisposable, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { contextPlaces, dockerfileMark } from "../engine/mod.ts";
import { assertContextPlace } from "./docker-context.ts";

/** A folder with these files. */
async function folderWith(files: Record<string, string>) {
  const folder = await mkdtempDisposable(join(tmpdir(), "hadron-place-"));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder.path, name), text);
  return folder;
}

const dockerfile = `${dockerfileMark}: a stage for each step.\n`;

it("a context is written to a new or an empty place, and over another context", async () => {
  await using empty = await folderWith({});
  await using context = await folderWith({ [contextPlaces.dockerfile]: dockerfile, [contextPlaces.toolbox]: "" });
  await mkdir(join(context.path, "sources"));
  for (const path of [empty.path, join(empty.path, "new", "one"), context.path])
    await expect(assertContextPlace(path)).resolves.toBeUndefined();
});

it.each([
  ["files of somebody", { notes: "" }],
  ["a Dockerfile of somebody", { [contextPlaces.dockerfile]: "FROM scratch\n" }],
  ["a file of somebody beside a context", { [contextPlaces.dockerfile]: dockerfile, notes: "" }],
])("nothing is written over %s", async (_what, files) => {
  await using folder = await folderWith(files);
  await expect(assertContextPlace(folder.path)).rejects.toMatchObject({
    kind: "usage",
    code: "GRAPH_OUTPUT",
    at: folder.path,
  });
});

it("nothing is written over a file, below one, or over a folder where the Dockerfile is no file", async () => {
  await using folder = await folderWith({ file: "" });
  await mkdir(join(folder.path, "odd", contextPlaces.dockerfile), { recursive: true });
  await symlink("file", join(folder.path, "link"));
  for (const name of ["file", "file/below", "link", "odd"])
    await expect(assertContextPlace(join(folder.path, name))).rejects.toMatchObject({ code: "GRAPH_OUTPUT" });
});
