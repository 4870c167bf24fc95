import { execFileSync, spawnSync } from "node:child_process";
import { lstat, mkdir, mkdtempDisposable, readdir, readFile, readlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import fc from "fast-check";
import tarStream from "tar-stream";
import { describe, expect, it } from "vitest";
import { sha256 } from "../base/mod.ts";
import { packTar, type TarEntry, tarDigests, unpackTar } from "./tar.ts";

const seconds = 1767225600;

type Plain =
  | { path: string; type: "directory"; mode: number }
  | { path: string; type: "file"; mode: number; text: string }
  | { path: string; type: "link"; target: string };

function pack(entries: readonly Plain[]): Promise<Buffer> {
  const withContent = entries.map((entry): TarEntry => {
    if (entry.type !== "file") return entry;
    const bytes = Buffer.from(entry.text);
    return {
      path: entry.path,
      type: "file",
      mode: entry.mode,
      size: bytes.length,
      content: () => Readable.from([bytes]),
    };
  });
  return buffer(packTar(withContent, seconds));
}

async function listFolder(root: string): Promise<Plain[]> {
  const paths = (await readdir(root, { recursive: true })).sort();
  return Promise.all(
    paths.map(async (path): Promise<Plain> => {
      const stats = await lstat(join(root, path));
      if (stats.isSymbolicLink()) return { path, type: "link", target: await readlink(join(root, path)) };
      const mode = stats.mode & 0o7777;
      if (stats.isDirectory()) return { path, type: "directory", mode };
      return { path, type: "file", mode, text: await readFile(join(root, path), "utf8") };
    }),
  );
}

/** Trees of two levels; names reach past the 100 bytes that fit into ustar, and past ASCII. */
const name = fc
  .oneof(
    fc.stringMatching(/^[a-zé _+-]{1,12}$/),
    fc.stringMatching(/^[a-z]{1,4}$/).map((text) => text.repeat(50)),
  )
  .filter((text) => !/^ | $/.test(text));
const leaf = fc.oneof(
  fc.record({
    type: fc.constant("file" as const),
    mode: fc.constantFrom(0o644, 0o755, 0o4755, 0o600),
    text: fc.string(),
  }),
  fc.record({ type: fc.constant("link" as const), target: name }),
);
const tree = fc.dictionary(name, fc.oneof(leaf, fc.dictionary(name, leaf, { maxKeys: 4 })), { maxKeys: 6 }).map((top) =>
  Object.entries(top)
    .flatMap(([path, node]): Plain[] => {
      if ("type" in node && typeof node.type === "string") return [{ path, ...node } as Plain];
      const inside = Object.entries(node).map(([child, entry]) => ({ path: `${path}/${child}`, ...entry }) as Plain);
      return [{ path, type: "directory", mode: 0o755 }, ...inside];
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1)),
);

describe("tar", () => {
  it("what is packed is what the host's tar unpacks and what unpackTar does", async () => {
    await fc.assert(
      fc.asyncProperty(tree, async (entries) => {
        const archive = await pack(entries);
        await using folder = await mkdtempDisposable(join(tmpdir(), "hadron-tar-"));
        const [ours, theirs] = [join(folder.path, "ours"), join(folder.path, "theirs")];
        for (const path of [ours, theirs]) await mkdir(path);
        await unpackTar(Readable.from([archive]), ours);
        execFileSync("tar", ["-xpf", "-", "-C", theirs], { input: archive });
        const sorted = [...entries].sort((a, b) => (a.path < b.path ? -1 : 1));
        const byPath = (list: Plain[]) => list.sort((a, b) => (a.path < b.path ? -1 : 1));
        expect(byPath(await listFolder(ours))).toEqual(sorted);
        expect(byPath(await listFolder(theirs))).toEqual(sorted);
      }),
      { numRuns: 12 },
    );
  });

  it("unpacks what the host's tar packs", async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "hadron-tar-"));
    const [from, into] = [join(folder.path, "from"), join(folder.path, "into")];
    await mkdir(join(from, "sub", "x".repeat(120)), { recursive: true });
    await mkdir(into);
    await writeFile(join(from, "sub", "x".repeat(120), "file"), "text");
    for (const format of ["gnu", "pax"]) {
      await using here = await mkdtempDisposable(join(tmpdir(), "hadron-tar-"));
      const archive = execFileSync("tar", ["-C", from, `--format=${format}`, "-cf", "-", "."]);
      await unpackTar(Readable.from([archive]), here.path);
      expect(await readFile(join(here.path, "sub", "x".repeat(120), "file"), "utf8")).toBe("text");
    }
  });

  it("equal entries give equal bytes, with owner 0:0 and the given time", async () => {
    const entries: Plain[] = [
      { path: "a", type: "directory", mode: 0o755 },
      { path: "a/b", type: "file", mode: 0o755, text: "b" },
      { path: "a/c", type: "link", target: "b" },
    ];
    const archive = await pack(entries);
    expect((await pack(entries)).equals(archive)).toBe(true);
    const list = execFileSync("tar", ["-tvf", "-", "--numeric-owner", "--full-time"], {
      input: archive,
      env: { TZ: "UTC", PATH: process.env.PATH },
    });
    expect(
      list
        .toString()
        .trim()
        .split("\n")
        .map((line) => line.replaceAll(/ +/g, " ")),
    ).toEqual([
      "drwxr-xr-x 0/0 0 2026-01-01 00:00:00 a/",
      "-rwxr-xr-x 0/0 1 2026-01-01 00:00:00 a/b",
      "lrwxrwxrwx 0/0 0 2026-01-01 00:00:00 a/c -> b",
    ]);
  });
});

it("tells the digest of each file of an archive, by its path", async () => {
  const archive = await pack([
    { path: "usr", type: "directory", mode: 0o755 },
    { path: "usr/b", type: "file", mode: 0o644, text: "b" },
    { path: "usr/a", type: "file", mode: 0o644, text: "" },
    { path: "usr/c", type: "link", target: "b" },
  ]);
  expect([...(await tarDigests(Readable.from([archive])))]).toEqual([
    ["usr/a", sha256("")],
    ["usr/b", sha256("b")],
  ]);
  await expect(tarDigests(Readable.from([archive.subarray(0, 1000)]))).rejects.toMatchObject({ code: "TAR_DAMAGED" });
});

describe("a tar archive is refused", () => {
  type Header = Parameters<ReturnType<typeof tarStream.pack>["entry"]>[0];

  /** An archive of these headers, and of what unpacking it left in and beside the folder. */
  async function unpackRaw(headers: Header[], change = (archive: Buffer) => archive): Promise<string[]> {
    const stream = tarStream.pack();
    // Copies, since the packer fills in what it was not given.
    for (const header of headers) header.type ? stream.entry({ ...header }) : stream.entry({ ...header }, "text");
    stream.finalize();
    const archive = change(await buffer(Readable.from(stream)));
    await using folder = await mkdtempDisposable(join(tmpdir(), "hadron-tar-"));
    await mkdir(join(folder.path, "into"));
    try {
      await unpackTar(Readable.from([archive]), join(folder.path, "into"));
    } finally {
      expect(await readdir(folder.path)).toEqual(["into"]);
    }
    return await readdir(join(folder.path, "into"));
  }

  it.each<[string, Header[]]>([
    ["leads upwards", [{ name: "a/../../x" }]],
    ["is absolute", [{ name: "/tmp/hadron-planted" }]],
    ["holds a device", [{ name: "null", type: "character-device", devmajor: 1, devminor: 3 }]],
    ["holds a block device", [{ name: "sda", type: "block-device", devmajor: 8, devminor: 0 }]],
    ["holds a pipe", [{ name: "pipe", type: "fifo" }]],
    ["holds a hard link", [{ name: "a" }, { name: "b", type: "link", linkname: "a" }]],
    ["holds a file twice", [{ name: "a" }, { name: "a" }]],
    [
      "holds a folder twice",
      [
        { name: "a/", type: "directory" },
        { name: "a/", type: "directory" },
      ],
    ],
    ["holds a file that is also a folder", [{ name: "a" }, { name: "a/b" }]],
    [
      "holds a link twice",
      [
        { name: "a", type: "symlink", linkname: "x" },
        { name: "a", type: "symlink", linkname: "y" },
      ],
    ],
    ["writes through a link", [{ name: "a", type: "symlink", linkname: ".." }, { name: "a/x" }]],
    [
      "makes a link through a link",
      [
        { name: "a", type: "symlink", linkname: ".." },
        { name: "a/b", type: "symlink", linkname: "x" },
      ],
    ],
    [
      "makes a folder for a link through a link",
      [
        { name: "a", type: "symlink", linkname: ".." },
        { name: "a/c/d", type: "symlink", linkname: "x" },
      ],
    ],
    [
      "replaces a folder by a link",
      [
        { name: "a/", type: "directory" },
        { name: "a", type: "symlink", linkname: ".." },
      ],
    ],
  ])("that %s", async (_name, headers) => {
    await expect(unpackRaw(headers)).rejects.toMatchObject({ kind: "input", code: "TAR_REFUSED" });
  });

  it("that is truncated, wherever it is", async () => {
    const headers = [{ name: "a" }, { name: "b" }];
    expect(await unpackRaw(headers)).toEqual(["a", "b"]);
    for (const length of [0, 100, 512, 700, 1024, 1536, 2048, 2560])
      await expect(unpackRaw(headers, (archive) => archive.subarray(0, length))).rejects.toMatchObject({
        code: "TAR_DAMAGED",
      });
  });

  it("that has a flipped byte in a header, and what is no archive", async () => {
    const flip = (archive: Buffer) => Buffer.from(archive).fill(archive[3] === 1 ? 2 : 1, 3, 4);
    await expect(unpackRaw([{ name: "abcdef" }], flip)).rejects.toMatchObject({ code: "TAR_DAMAGED" });
    await expect(unpackRaw([{ name: "a" }], () => Buffer.alloc(4096, "text"))).rejects.toMatchObject({
      code: "TAR_DAMAGED",
    });
  });

  /** The header of an empty file, again and again under other names, as long as somebody reads. */
  function endless(): { archive: Readable; given: () => number } {
    let given = 0;
    const headers = function* (): Generator<Buffer> {
      for (;;) {
        const header = Buffer.alloc(512);
        header.write(`file${given++}`);
        header.write("0000644\x000000000\x000000000\x0000000000000\x0000000000000\0        0", 100, "latin1");
        header.write("ustar\u000000", 257, "latin1");
        const sum = header.reduce((all, byte) => all + byte, 0);
        header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
        yield header;
      }
    };
    return { archive: Readable.from(headers()), given: () => given };
  }

  it("that has a billion files, when it has had too many", async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "hadron-tar-"));
    const { archive, given } = endless();
    const limits = { entries: 200, bytes: 1000 };
    await expect(unpackTar(archive, folder.path, limits)).rejects.toMatchObject({
      kind: "input",
      code: "TAR_TOO_LARGE",
    });
    expect(given()).toBeLessThan(1000);
    expect(await readdir(folder.path)).toHaveLength(200);
  });

  it("that has more bytes than it may, before they are written", async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "hadron-tar-"));
    const archive = await pack([{ path: "a", type: "file", mode: 0o644, text: "x".repeat(2000) }]);
    const unpacking = unpackTar(Readable.from([archive]), folder.path, { entries: 10, bytes: 1999 });
    await expect(unpacking).rejects.toMatchObject({ code: "TAR_TOO_LARGE" });
    expect(await readdir(folder.path)).toEqual([]);
  });

  it("of which a file does not fit, and ends where there is no more room", async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "hadron-tar-"));
    const archive = await pack([{ path: "a", type: "file", mode: 0o644, text: "x".repeat(20_000) }]);
    const file = join(folder.path, "a.tar");
    await writeFile(file, archive);
    const script = `
      const { unpackTar } = await import("${join(import.meta.dirname, "tar.ts")}");
      const { createReadStream } = await import("node:fs");
      const unpacking = unpackTar(createReadStream("${file}"), "${join(folder.path, "out")}");
      process.exit(await unpacking.then(() => 0, ({ code }) => (code === "EFBIG" ? 3 : 4)));`;
    // 4096 or 8192 bytes, by the shell: all that a file may have.
    const command = ["-c", 'ulimit -f 8; exec "$@"', "sh", process.execPath, "--input-type=module", "-e", script];
    expect(spawnSync("sh", command, { stdio: "ignore" }).status).toBe(3);
  });

  it("whose stream fails, with the stream's own error", async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "hadron-tar-"));
    const failing = new Readable({ read: () => {} });
    failing.destroy(Object.assign(new Error("No space"), { code: "ENOSPC" }));
    await expect(unpackTar(failing, folder.path)).rejects.toMatchObject({ code: "ENOSPC" });
  });
});
