import { chmod, lstat, mkdir, mkdtempDisposable, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { mergeTrees } from "./merge.ts";
import { readTree, treeDigest } from "./tree.ts";

/** Merges trees given as `path: content`; `→x` is a link to x, `/` a folder. */
async function merge(trees: Record<string, Record<string, string>>) {
  const folder = await mkdtempDisposable(join(tmpdir(), "hadron-merge-"));
  const list = [];
  for (const [name, files] of Object.entries(trees)) {
    const path = join(folder.path, name);
    await mkdir(path);
    for (const [file, text] of Object.entries(files)) {
      await mkdir(dirname(join(path, file)), { recursive: true });
      if (text === "/") await mkdir(join(path, file), { recursive: true });
      else if (text.startsWith("→")) await symlink(text.slice(1), join(path, file));
      else await writeFile(join(path, file), text);
    }
    list.push({ name, path });
  }
  return { list, merged: join(folder.path, "merged"), [Symbol.asyncDispose]: () => folder.remove() };
}

describe("mergeTrees", () => {
  it("makes one tree of several that agree", async () => {
    await using made = await merge({
      musl: { "usr/lib/libc.so": "libc", "usr/include/a.h": "same", "usr/lib64": "→lib" },
      zlib: { "usr/lib/libz.so": "→libz.so.1", "usr/include/a.h": "same", "usr/lib64": "→lib", empty: "/" },
    });
    mergeTrees(made.list, made.merged);
    const paths = (await readTree(made.merged)).map(({ path }) => path);
    expect(paths).toEqual([
      "empty",
      "usr",
      "usr/include",
      "usr/include/a.h",
      "usr/lib",
      "usr/lib/libc.so",
      "usr/lib/libz.so",
      "usr/lib64",
    ]);
    expect(await readFile(join(made.merged, "usr/lib/libc.so"), "utf8")).toBe("libc");
  });

  it.each([
    ["two contents", { a: { "usr/x": "one" }, b: { "usr/x": "two" } }],
    ["two link targets", { a: { "usr/x": "→one" }, b: { "usr/x": "→two" } }],
    ["a link and a file", { a: { "usr/x": "→one" }, b: { "usr/x": "one" } }],
    ["a file and a folder", { a: { "usr/x": "one" }, b: { "usr/x/y": "one" } }],
    ["a folder and a file", { a: { "usr/x/y": "one" }, b: { "usr/x": "one" } }],
    ["a link and a folder", { a: { "usr/x": "→y", "usr/y/z": "" }, b: { "usr/x/z": "" } }],
  ])("names the path and both trees where they differ: %s", async (_name, trees) => {
    await using made = await merge(trees);
    expect(() => mergeTrees(made.list, made.merged)).toThrow(
      expect.objectContaining({
        kind: "input",
        code: "INPUT_CONFLICT",
        at: "usr/x",
        message: '"a" and "b" both bring "usr/x", and differ',
      }),
    );
  });

  it("keeps the modes of folders and a fixed time, whatever the umask is", async () => {
    const merged = async (umask: number) => {
      await using made = await merge({ a: { "var/tmp": "/", "usr/x": "→y" }, b: { "usr/y": "y" } });
      for (const { path } of made.list) await chmod(join(path, "usr"), 0o755);
      await chmod(join(made.list[0]?.path ?? "", "var/tmp"), 0o1777);
      await chmod(join(made.list[0]?.path ?? "", "var"), 0o555);
      await chmod(join(made.list[1]?.path ?? "", "usr/y"), 0o644);
      const before = process.umask(umask);
      mergeTrees(made.list, made.merged);
      process.umask(before);
      expect((await stat(join(made.merged, "var/tmp"))).mode & 0o7777).toBe(0o1777);
      for (const name of ["", "usr", "usr/x", "var"])
        expect((await lstat(join(made.merged, name))).mtimeMs).toBe(1767225600_000);
      await chmod(join(made.list[0]?.path ?? "", "var"), 0o755);
      const digest = treeDigest(await readTree(made.merged));
      await chmod(join(made.merged, "var"), 0o755);
      return digest;
    };
    expect(await merged(0o077)).toBe(await merged(0o022));
  });
});
