import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import tarStream from "tar-stream";
import { decompressFile } from "../../src/engine/decompress.ts";
import { compareDebianVersions, parseDeb822, readDebLayout, readTarFile, unpackTar } from "../../src/formats/mod.ts";
import { elfSections, parseElf } from "../../src/rootfs/lint/elf.ts";
import { elfFile } from "../../src/rootfs/lint/elf-fixture.ts";
import { outside } from "./box.ts";
import { spoiled, spoiledOf, spoiledText } from "./spoil.ts";
import { fileTarget, type Target, target } from "./target.ts";

const arHeader = (name: string, size: number) => `${name.padEnd(48)}${String(size).padEnd(10)}\`\n`;
const debianPackage = Buffer.from(
  `!<arch>\n${arHeader("debian-binary", 4)}2.0\n${arHeader("control.tar.xz", 3)}abc\n${arHeader("data.tar.zst", 2)}ab`,
);

/** Names that lead out, meet each other, or are none. */
const name = fc.oneof(
  fc.constantFrom(
    ...["a", "a/", "a/b", "a/b/c", "./a", "", ".", "..", "../planted", "a/../../planted", "/", "//a", "a//b", "b"],
    ...[
      `${outside}/planted`,
      `${outside}/canary`,
      "a/../../outside/canary",
      "x".repeat(300),
      "a\0b",
      ".wh.a",
      "a/.wh.b",
    ],
    ...[".wh..wh..opq", "a/.wh..wh..opq", ".wh.", ".wh...", ".wh.canary"],
  ),
  fc.string({ maxLength: 12 }),
);
const entry = fc.record({
  name,
  linkname: name,
  type: fc.constantFrom(
    ...([
      "file",
      "directory",
      "symlink",
      "link",
      "fifo",
      "character-device",
      "block-device",
      "contiguous-file",
    ] as const),
  ),
  mode: fc.constantFrom<number>(0, 0o644, 0o755, 0o7777, 0o1000000),
  text: fc.string({ maxLength: 20 }),
});
type Entry = typeof entry extends fc.Arbitrary<infer T> ? T : never;

/** Archives of such entries, some of them damaged. @param place What stands for {@link outside} */
export async function tarOf(entries: readonly Entry[], place: string): Promise<Buffer> {
  const pack = tarStream.pack();
  const put = (text: string): string => text.replaceAll(outside, place);
  for (const { name, linkname, type, mode, text } of entries) {
    const header = { name: put(name), linkname: put(linkname), type, mode, devmajor: 1, devminor: 3 };
    if (type === "file" || type === "contiguous-file") pack.entry(header, text);
    else pack.entry({ ...header, size: 0 });
  }
  pack.finalize();
  return buffer(Readable.from(pack));
}

export const tarEntries: fc.Arbitrary<Entry[]> = fc.array(entry, { maxLength: 6 });

const sampleTar = await tarOf(
  [
    { name: "debian/", linkname: "", type: "directory", mode: 0o755, text: "" },
    { name: "debian/upstream/signing-key.asc", linkname: "", type: "file", mode: 0o644, text: "key" },
    { name: `long/${"x".repeat(200)}`, linkname: "a", type: "symlink", mode: 0o777, text: "" },
  ],
  "",
);

const control = "Package: a\nVersion: 1.0-1\nDepends: b (>= 1.0) | c [amd64],\n d:any\n# comment\n\nPackage: b\n";
const version = fc.oneof(
  fc.stringMatching(/^[0-9a-z.+~:-]{0,12}$/),
  fc.string({ maxLength: 8 }),
  fc.constantFrom("1".repeat(400), `a${"9".repeat(400)}`, "x:1", ":", "-", "1:"),
);

export const formats: readonly Target[] = [
  fileTarget({
    name: "a Debian package",
    few: 12,
    inputs: spoiled([debianPackage]),
    read: async (bytes, { folder }) => {
      const file = join(folder, "a.deb");
      await writeFile(file, bytes);
      const { control, data } = await readDebLayout(file);
      for (const part of [control, data])
        if (part.offset + part.size > bytes.length) throw new Error("A member that ends after the file");
    },
  }),
  fileTarget({
    name: "a tar archive that is unpacked",
    few: 20,
    inputs: fc.oneof(tarEntries, spoiledOf(fc.constant(sampleTar))),
    read: async (input, { folder, outside: place }) =>
      unpackTar(Readable.from([Buffer.isBuffer(input) ? input : await tarOf(input, place)]), folder),
  }),
  target({
    name: "a tar archive that is searched",
    few: 20,
    inputs: spoiled([sampleTar]),
    read: (bytes) => readTarFile(Readable.from([bytes]), "debian/upstream/signing-key.asc"),
  }),
  target({
    name: "Debian's control syntax",
    few: 40,
    inputs: spoiledText([control]),
    read: (text) => {
      for (const stanza of parseDeb822(text)) if (stanza.size === 0) throw new Error("A stanza of nothing");
    },
  }),
  target({
    name: "Debian's versions",
    few: 100,
    inputs: fc.tuple(version, version, version),
    read: ([a, b, c]) => {
      const order = (x: string, y: string) => Math.sign(compareDebianVersions(x, y));
      if (order(a, b) + order(b, a) !== 0) throw new Error("They are not ordered");
      if (order(a, b) <= 0 && order(b, c) <= 0 && order(a, c) > 0) throw new Error("Their order goes in circles");
    },
  }),
  target({
    name: "an ELF file",
    few: 40,
    inputs: spoiled([elfFile({ comments: ["GCC"], needed: ["libc.so"], runpath: "/a", dlopened: ["b"], codeSize: 8 })]),
    read: (bytes) => [parseElf(bytes), elfSections(bytes)],
  }),
  fileTarget({
    name: "a compressed file",
    few: 10,
    inputs: fc.tuple(
      fc.constantFrom("a.gz", "a.zst", "a.tar"),
      spoiled([gzipSync("some text"), zstdCompressSync(Buffer.from("some text"))]),
    ),
    read: async ([name, bytes], { folder }) => {
      const file = join(folder, "packed");
      await writeFile(file, bytes);
      await decompressFile(file, name);
    },
  }),
];
