import { execFileSync } from "node:child_process";
import { chmod, lstat, mkdir, mkdtempDisposable, rename, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readTree, setTimes, treeDigest, treeSize } from "./tree.ts";

/** `b`, `b.c` and `b/a`: three orders of these are thinkable. */
async function smallTree(order = ["b/a", "b.c", "link"]) {
  const folder = await mkdtempDisposable(join(tmpdir(), "hadron-tree-"));
  await mkdir(join(folder.path, "b"));
  for (const name of order)
    if (name === "link") await symlink("b/a", join(folder.path, name));
    else await writeFile(join(folder.path, name), name);
  for (const name of ["b/a", "b.c"]) await chmod(join(folder.path, name), 0o644);
  await chmod(join(folder.path, "b"), 0o755);
  return folder;
}

const digestOf = async (path: string) => treeDigest(await readTree(path));

describe("a tree's digest", () => {
  it("is what it has always been", async () => {
    await using tree = await smallTree();
    expect((await readTree(tree.path)).map(({ path }) => path)).toEqual(["b", "b.c", "b/a", "link"]);
    expect(await digestOf(tree.path)).toBe("c811e1ca6d4be009bfb4f8b540d048cf6ca3e32bc8424057235738798af38f26");
    expect(treeSize(await readTree(tree.path))).toBe(6);
  });

  it("does not depend on times, places, the folder's own mode, and in what order things were made", async () => {
    await using one = await smallTree();
    await using two = await smallTree(["link", "b.c", "b/a"]);
    await utimes(join(two.path, "b.c"), 1, 1);
    await chmod(two.path, 0o700);
    expect(await digestOf(two.path)).toBe(await digestOf(one.path));
  });

  it("depends on content, modes, names, link targets and empty folders", async () => {
    const changes: ((path: string) => Promise<unknown>)[] = [
      async () => {},
      (path) => writeFile(join(path, "b.c"), "b.d"),
      (path) => chmod(join(path, "b.c"), 0o755),
      (path) => chmod(join(path, "b.c"), 0o4644),
      (path) => chmod(join(path, "b"), 0o700),
      (path) => rename(join(path, "b.c"), join(path, "b.d")),
      (path) => symlink("b/a", join(path, "link2")),
      (path) => mkdir(join(path, "empty")),
    ];
    const digests = new Set<string>();
    for (const change of changes) {
      await using tree = await smallTree();
      await change(tree.path);
      digests.add(await digestOf(tree.path));
    }
    expect(digests.size).toBe(changes.length);
  });

  it("of a large file is that of its content", async () => {
    await using tree = await smallTree();
    const content = Buffer.alloc((1 << 22) + 1, "x");
    await writeFile(join(tree.path, "large"), content);
    const sum = execFileSync("sha256sum", [join(tree.path, "large")])
      .toString()
      .slice(0, 64);
    expect(await readTree(tree.path)).toContainEqual(expect.objectContaining({ path: "large", sha256: sum }));
  });
});

describe("a tree is refused", () => {
  it("that holds a pipe", async () => {
    await using tree = await smallTree();
    execFileSync("mkfifo", [join(tree.path, "b/pipe")]);
    await expect(readTree(tree.path)).rejects.toMatchObject({
      kind: "step",
      code: "TREE_SPECIAL_FILE",
      message: expect.stringContaining('"b/pipe"'),
    });
  });

  it("that holds a name that is not UTF-8", async () => {
    await using tree = await smallTree();
    await writeFile(Buffer.concat([Buffer.from(`${tree.path}/x`), Buffer.from([0xff])]), "");
    await expect(readTree(tree.path)).rejects.toMatchObject({ kind: "step", code: "TREE_NAME" });
  });
});

it("setTimes gives everything one time, links and the folder itself too", async () => {
  await using tree = await smallTree();
  await setTimes(tree.path, await readTree(tree.path), 1767225600);
  for (const name of ["", "b", "b/a", "b.c", "link"])
    expect((await lstat(join(tree.path, name))).mtimeMs).toBe(1767225600_000);
});
