import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readArMembers } from "./ar.ts";
import { readDebLayout } from "./deb.ts";

const directory = mkdtempSync(join(tmpdir(), "hadron-deb-"));
afterAll(() => rmSync(directory, { recursive: true }));
const hasDpkg = existsSync("/usr/bin/dpkg-deb");
const hasAr = existsSync("/usr/bin/ar");

function file(name: string, data: string | Buffer): string {
  const path = join(directory, name);
  writeFileSync(path, data);
  return path;
}

test.skipIf(!hasDpkg).each(["xz", "gzip", "none", "zstd"])(
  "finds the parts of what dpkg-deb -Z%s made",
  async (compression) => {
    const root = join(directory, compression);
    mkdirSync(join(root, "DEBIAN"), { recursive: true });
    writeFileSync(
      join(root, "DEBIAN/control"),
      "Package: x\nVersion: 1\nArchitecture: all\nMaintainer: x\nDescription: x\n",
    );
    writeFileSync(join(root, "hello"), "hello\n");
    const deb = join(directory, `${compression}.deb`);
    execFileSync("dpkg-deb", ["--build", `-Z${compression}`, root, deb], { stdio: "ignore" });
    const { control, data } = await readDebLayout(deb);
    expect(data.compression).toBe({ xz: "xz", gzip: "gz", none: "none", zstd: "zst" }[compression]);
    expect(control.name).toMatch(/^control\.tar/);
    const bytes = readFileSync(deb).subarray(data.offset, data.offset + data.size);
    const tar = file(`${compression}.data`, bytes);
    const unpacker =
      { xz: ["xz", "-dc"], gzip: ["gzip", "-dc"], none: ["cat"], zstd: ["zstd", "-dc"] }[compression] ?? [];
    const list = execFileSync("sh", ["-c", `${unpacker.join(" ")} < ${tar} | tar -t`]).toString();
    expect(list).toContain("./hello");
  },
);

test.skipIf(!hasAr)("finds the members of what ar made, odd sizes too", async () => {
  const archive = join(directory, "x.a");
  const members = [file("a", "odd"), file("b", "even"), file("c", "")];
  execFileSync("ar", ["rcSD", archive, ...members]);
  const bytes = readFileSync(archive);
  const found = (await readArMembers(archive)).map(({ name, offset, size }) => [
    name,
    bytes.subarray(offset, offset + size).toString(),
  ]);
  expect(found).toEqual([
    ["a", "odd"],
    ["b", "even"],
    ["c", ""],
  ]);
});

test("refuses what is not a package, is cut off, or has an unknown compression, by name", async () => {
  const header = (name: string, size: number) => `${name.padEnd(48)}${String(size).padEnd(10)}\`\n`;
  const begin = `!<arch>\n${header("debian-binary", 4)}2.0\n`;
  const cases: [text: string, code: string, message: RegExp][] = [
    ["<html>not found</html>", "AR_DAMAGED", /does not begin/],
    [begin + header("data.tar.xz", 100), "AR_DAMAGED", /inside of a member/],
    [`${begin}garbage`, "AR_DAMAGED", /header at byte 72/],
    [`!<arch>\n${header("x", 0)}`, "DEB_INVALID", /first member/],
    [begin, "DEB_INVALID", /no member "control.tar"/],
    [begin + header("control.tar.br", 0), "DEB_INVALID", /unknown compression/],
  ];
  for (const [index, [text, code, message]] of cases.entries()) {
    const path = file(`bad-${index}`, text);
    await expect(readDebLayout(path)).rejects.toMatchObject({
      code,
      at: path,
      message: expect.stringMatching(message),
    });
  }
});
