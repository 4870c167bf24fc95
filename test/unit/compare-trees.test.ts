import { chmod, mkdir, mkdtempDisposable, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { packTar } from "../../src/formats/mod.ts";
import { elfFile } from "../../src/rootfs/lint/elf-fixture.ts";
import { compareTrees } from "../reproducible/compare-trees.ts";
import { describeDifferences } from "../reproducible/describe-differences.ts";

type Content = string | Buffer;

/** What is said of two trees with these files. */
async function said(first: Record<string, Content>, second: Record<string, Content>): Promise<string> {
  await using folder = await mkdtempDisposable(join(tmpdir(), "hadron-"));
  const trees = [join(folder.path, "first"), join(folder.path, "second")] as const;
  for (const [index, files] of [first, second].entries())
    for (const [path, content] of Object.entries(files)) {
      const file = join(trees[index] ?? "", path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
    }
  return describeDifferences(await compareTrees(...trees));
}

/** ar(5) with one name that is too long for its header. */
function archive(content: Buffer): Buffer {
  const member = (name: string, body: Buffer) =>
    Buffer.concat([
      Buffer.from(`${name.padEnd(16)}${"0".padEnd(32)}${String(body.length).padEnd(10)}\`\n`),
      body,
      Buffer.from(body.length % 2 === 1 ? "\n" : ""),
    ]);
  const longName = Buffer.from("a-member-with-a-long-name.o/\n");
  return Buffer.concat([
    Buffer.from("!<arch>\n"),
    member("//", longName),
    member("b.o/", content),
    member("/0", content),
  ]);
}

/** PE Format: one section. */
function program(content: string): Buffer {
  const bytes = Buffer.alloc(8192);
  bytes.write("MZ", 0, "latin1");
  bytes.writeUInt32LE(0x80, 0x3c);
  bytes.write("PE\0\0", 0x80, "latin1");
  bytes.writeUInt16LE(1, 0x86);
  bytes.write(".cmdline", 0x98, "latin1");
  bytes.writeUInt32LE(content.length, 0x98 + 16);
  bytes.writeUInt32LE(4096, 0x98 + 20);
  bytes.write(content, 4096, "latin1");
  return bytes;
}

/** A disk with one partition, from sector 8 on. */
function disk(content: string): Buffer {
  const bytes = Buffer.alloc(16 * 512);
  bytes.write("EFI PART", 512, "latin1");
  bytes.writeBigUInt64LE(2n, 512 + 72);
  bytes.writeUInt32LE(4, 512 + 80);
  bytes.writeUInt32LE(128, 512 + 84);
  bytes.writeBigUInt64LE(8n, 1024 + 32);
  bytes.writeBigUInt64LE(9n, 1024 + 40);
  bytes.write("esp", 1024 + 56, "utf16le");
  bytes.write(content, 8 * 512 + 100, "latin1");
  return bytes;
}

const elf = (comment: string) => elfFile({ comments: [comment], codeSize: 32 });

describe("what is said of two trees that should be equal", () => {
  it("nothing where they are", async () => {
    expect(await said({ "a/b": "x" }, { "a/b": "x" })).toBe("");
  });

  it("the first byte that differs, in text and in hexadecimal", async () => {
    expect(await said({ file: "the time is 10:15" }, { file: "the time is 11:20" })).toBe(
      ["file, byte 13 (0xd)", '  first:  30 3a 31 35  "0:15"', '  second: 31 3a 32 30  "1:20"'].join("\n"),
    );
  });

  it("that one ends where the other goes on", async () => {
    const text = await said({ file: "abc" }, { file: "ab" });
    expect(text).toContain("file, byte 2 (0x2): 3 bytes in the first, 2 in the second");
    expect(text).toContain("second: (ended)");
  });

  it("the section of a program, and of an EFI program", async () => {
    expect(await said({ "usr/bin/p": elf("GCC: 1") }, { "usr/bin/p": elf("GCC: 2") })).toMatch(
      /^usr\/bin\/p, section \.comment, byte 5 \(0x5\)\n {2}first: {2}31 /,
    );
    expect(await said({ "u.efi": program("root=a") }, { "u.efi": program("root=b") })).toMatch(
      /^u\.efi, section \.cmdline, byte 5 /,
    );
  });

  it("the member of a library, by its whole name, and the section in it", async () => {
    const text = await said({ "l.a": archive(elf("GCC: 1")) }, { "l.a": archive(elf("GCC: 2")) });
    expect(text).toContain("l.a, member b.o, section .comment, byte 5");
    expect(text).toContain("l.a, member a-member-with-a-long-name.o, section .comment, byte 5");
  });

  it("the file in a tar archive, and its header", async () => {
    const pack = (content: string, mode: number) =>
      buffer(
        packTar(
          [{ path: "etc/f", type: "file", mode, size: 4, content: () => Readable.from([Buffer.from(content)]) }],
          1,
        ),
      );
    expect(await said({ t: await pack("same", 0o644) }, { t: await pack("Same", 0o644) })).toMatch(
      /^t, entry etc\/f, byte 0 /,
    );
    expect(await said({ t: await pack("same", 0o644) }, { t: await pack("same", 0o755) })).toMatch(
      /^t, entry header of etc\/f, byte \d+/,
    );
  });

  it("the partition of a disk, and what lies outside of any", async () => {
    expect(await said({ d: disk("one") }, { d: disk("two") })).toMatch(/^d, partition esp, byte 100 /);
    const odd = disk("one");
    odd[0] = 1;
    expect(await said({ d: disk("one") }, { d: odd })).toMatch(/^d, outside of any partition, byte 0 /);
  });

  it("what only one of them has, other kinds, links and modes", async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "hadron-"));
    const [first, second] = [join(folder.path, "first"), join(folder.path, "second")];
    for (const tree of [first, second]) {
      await mkdir(tree);
      await writeFile(join(tree, "mode"), "");
    }
    await chmod(join(second, "mode"), 0o755);
    await symlink("here", join(first, "link"));
    await symlink("there", join(second, "link"));
    await mkdir(join(first, "kind"));
    await writeFile(join(second, "kind"), "");
    await writeFile(join(first, "more"), "");
    expect(describeDifferences(await compareTrees(first, second)).split("\n")).toEqual([
      "kind: a directory in the first, a file in the second",
      'link: a link to "here" in the first, to "there" in the second',
      "mode: mode 644 in the first, 755 in the second",
      "more: only in the first",
    ]);
  });

  it("twenty of many, and how many more", async () => {
    const files = (content: string) =>
      Object.fromEntries(Array.from({ length: 25 }, (_, index) => [`f${index}`, content]));
    const text = await said(files("a"), files("b"));
    expect(text.match(/^f\d+, byte 0/gm)).toHaveLength(20);
    expect(text).toMatch(/\nand 5 more$/);
  });
});
