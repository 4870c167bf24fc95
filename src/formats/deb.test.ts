import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readDebLayout } from "./deb.ts";

const directory = mkdtempSync(join(tmpdir(), "hadron-deb-"));
afterAll(() => rmSync(directory, { recursive: true }));

function file(name: string, data: string | Buffer): string {
  const path = join(directory, name);
  writeFileSync(path, data);
  return path;
}

const header = (name: string, size: number) => `${name.padEnd(48)}${String(size).padEnd(10)}\`\n`;
const begin = `!<arch>\n${header("debian-binary", 4)}2.0\n`;

test.each([
  ["data.tar", "none"],
  ["data.tar.gz", "gz"],
  ["data.tar.xz", "xz"],
  ["data.tar.zst", "zst"],
])("finds the parts of a package with %s, behind a member of odd size", async (name, compression) => {
  const path = file(`${compression}.deb`, `${begin}${header("control.tar.xz", 3)}abc\n${header(name, 4)}data`);
  const { control, data } = await readDebLayout(path);
  const offset = begin.length + 60;
  expect(control).toEqual({ name: "control.tar.xz", offset, size: 3, compression: "xz" });
  expect(data).toEqual({ name, offset: offset + 4 + 60, size: 4, compression });
});

test("refuses what is not a package, is cut off, or has an unknown compression, by name", async () => {
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
