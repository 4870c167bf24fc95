import { readFileSync } from "node:fs";
import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import tarStream, { type Header } from "tar-stream";
import { describe, expect, it } from "vitest";
import { flatEntries } from "./flat-tree.ts";
import { flattenLayers } from "./flatten.ts";

type Entry = Partial<Header> & Pick<Header, "name"> & { text?: string };

const folder = (name: string, more: Partial<Header> = {}): Entry => ({
  name,
  type: "directory",
  mode: 0o755,
  ...more,
});
const file = (name: string, text = name, more: Partial<Header> = {}): Entry => ({ name, mode: 0o644, text, ...more });
const link = (name: string, linkname: string): Entry => ({ name, type: "symlink", linkname });
const hardlink = (name: string, linkname: string): Entry => ({ name, type: "link", linkname });

async function archive(entries: Entry[]): Promise<Buffer> {
  const pack = tarStream.pack();
  for (const { text, ...header } of entries) pack.entry(header, text ?? "");
  pack.finalize();
  return Buffer.concat(await Readable.from(pack).toArray());
}

/** Path → text of a file, `→ target` of a link, mode and owner of a folder. */
async function flat(...layers: Entry[][]): Promise<Record<string, string>> {
  await using scratch = await mkdtempDisposable(join(tmpdir(), "hadron-flat-"));
  const archives = await Promise.all(layers.map(archive));
  const root = await flattenLayers(
    archives.map((bytes, index) => ({ name: `layer ${index}`, open: () => Readable.from([bytes]) })),
    join(scratch.path, "content"),
  );
  const shown: Record<string, string> = {};
  const add = (tree: typeof root, path: string): void => {
    for (const [name, node] of tree.children) {
      const at = path === "" ? name : `${path}/${name}`;
      if (node.type === "file") shown[at] = readFileSync(node.file, "utf8");
      else if (node.type === "link") shown[at] = `→ ${node.target}`;
      else {
        shown[`${at}/`] = `${node.mode.toString(8)} ${node.uid}:${node.gid}`;
        add(node, at);
      }
    }
  };
  add(root, "");
  expect([...flatEntries(root)].map((entry) => entry.path)).toHaveLength(Object.keys(shown).length + 1);
  return shown;
}

describe("layers over each other", () => {
  it("the upper one wins, and a folder over a folder keeps what is in it", async () => {
    const lower = [folder("etc"), file("etc/a", "old"), file("etc/b"), file("gone/inner")];
    const upper = [folder("etc", { mode: 0o700, uid: 3, gid: 4 }), file("etc/a", "new"), file("gone", "a file now")];
    expect(await flat(lower, upper)).toEqual({
      "etc/": "700 3:4",
      "etc/a": "new",
      "etc/b": "etc/b",
      gone: "a file now",
    });
  });

  it("a deletion hides what lies below, never what its own layer adds, in whatever order", async () => {
    const lower = [file("a"), file("b/c"), file("b/d")];
    expect(await flat(lower, [file("a", "again"), file(".wh.a", ""), file("b/.wh.c", "")])).toEqual({
      a: "again",
      "b/": "755 0:0",
      "b/d": "b/d",
    });
    expect(await flat(lower, [file("b/new"), file("b/.wh..wh..opq", ""), file(".wh.none", "")])).toEqual({
      a: "a",
      "b/": "755 0:0",
      "b/new": "b/new",
    });
    expect(await flat(lower, [file(".wh..wh.plnk", "")])).toHaveProperty("a");
  });

  it("links are followed within the tree: absolute ones and those that climb as well", async () => {
    const lower = [
      folder("usr/bin"),
      link("bin", "/usr/bin"),
      link("up", "../../../usr"),
      link("root", "var/roothome"),
    ];
    expect(await flat(lower, [file("bin/a"), file("up/bin/b"), file("root/c"), file("up/.wh.none", "")])).toMatchObject(
      {
        bin: "→ /usr/bin",
        "usr/bin/a": "bin/a",
        "usr/bin/b": "up/bin/b",
        "var/roothome/c": "root/c",
      },
    );
  });

  it("a hard link has the content of what it names, and outlives it", async () => {
    expect(await flat([file("a", "text"), hardlink("b", "a")], [file(".wh.a", "")])).toEqual({ b: "text" });
    expect(await flat([file("a", "text")], [hardlink("b", "./a")])).toEqual({ a: "text", b: "text" });
  });

  it("no layers make an empty tree", async () => {
    expect(await flat()).toEqual({});
    expect(await flat([folder("./")])).toEqual({});
  });
});

describe("refuses", () => {
  const refused: Record<string, Entry[]> = {
    "a name that climbs": [file("a/../../etc/passwd")],
    "an absolute name": [file("/etc/passwd")],
    "a hard link that climbs": [hardlink("a", "../../etc/passwd")],
    "a hard link to an absolute name": [hardlink("a", "/etc/passwd")],
    "a hard link to nothing": [hardlink("a", "b")],
    "a hard link to a folder": [folder("b"), hardlink("a", "b")],
    "a name below a file": [file("a"), file("a/b")],
    "links in circles": [link("a", "b"), link("b", "a"), file("a/c")],
    "a device": [{ name: "a", type: "character-device", devmajor: 0, devminor: 0 }],
    "a disk": [{ name: "a", type: "block-device", devmajor: 8, devminor: 0 }],
    "a pipe": [{ name: "a", type: "fifo" }],
    "a deletion of a folder itself": [file("a/.wh..", "")],
    "a deletion of what is above": [file("a/.wh...", "")],
    "a deletion of nothing": [file("a/.wh.", "")],
    "a name that is not text": [file("a\ufffd")],
    "a root that is a file": [file("./")],
  };
  it.each(Object.entries(refused))("%s", async (_, entries) => {
    await expect(flat([folder("usr")], entries)).rejects.toMatchObject({ code: "LAYER_REFUSED", kind: "input" });
  });

  it.each([
    ["entries", { entries: 3, bytes: 100 }],
    ["bytes", { entries: 100, bytes: 11 }],
  ])("layers that have too many %s together", async (_, limits) => {
    await using scratch = await mkdtempDisposable(join(tmpdir(), "hadron-flat-"));
    const bytes = await archive([file("a", "123456"), folder("b/")]);
    const layers = ["sha256:1", "sha256:2"].map((name) => ({ name, open: () => Readable.from([bytes]) }));
    const content = (name: string) => join(scratch.path, name);
    await expect(flattenLayers(layers, content("1"), limits)).rejects.toMatchObject({
      kind: "input",
      code: "LAYERS_TOO_LARGE",
    });
    await flattenLayers(layers, content("2"), { entries: 4, bytes: 12 });
  });

  it("a layer that is no archive, or breaks off", async () => {
    await using scratch = await mkdtempDisposable(join(tmpdir(), "hadron-flat-"));
    const whole = await archive([file("a", "x".repeat(3000))]);
    for (const [index, bytes] of [Buffer.alloc(2000, "x"), whole.subarray(0, 1600)].entries()) {
      const layer = { name: "sha256:1", open: () => Readable.from([bytes]) };
      await expect(flattenLayers([layer], join(scratch.path, String(index)))).rejects.toMatchObject({
        code: "LAYER_DAMAGED",
        at: "sha256:1",
      });
    }
  });
});
