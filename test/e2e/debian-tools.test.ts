import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { unpackDeb } from "../../src/engine/toolbox/unpack-deb.ts";
import { readArMembers } from "../../src/formats/ar.ts";
import { compareDebianVersions, readDebLayout } from "../../src/formats/mod.ts";
import { parseElf } from "../../src/rootfs/lint/elf.ts";
import { freshFolder } from "./support/artifacts.ts";
import { judge } from "./support/judge.ts";

/** Runs a tool of the toolbox that must succeed; it may need this machine's tar. */
async function ask(program: string, ...args: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await judge("build", program, args, { PATH: process.env.PATH ?? "" });
  if (exitCode !== 0)
    throw new Error(`"${program} ${args.join(" ")}" ended with status ${exitCode}: ${stderr}${stdout}`);
  return stdout;
}

let folder: string;

beforeAll(async () => {
  folder = await freshFolder("debian-tools");
});

describe("Debian packages", () => {
  it.each([
    ["xz", "xz"],
    ["gzip", "gz"],
    ["none", "none"],
    ["zstd", "zst"],
  ])("that dpkg-deb made with -Z%s are read and unpacked", async (option, compression) => {
    const [root, deb, tree] = [option, `${option}.deb`, `${option}-unpacked`].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    await mkdir(join(root, "DEBIAN"), { recursive: true });
    await mkdir(tree);
    const fields = "Package: x\nVersion: 1\nArchitecture: all\nMaintainer: x\nDescription: x\n";
    await writeFile(join(root, "DEBIAN/control"), fields);
    await writeFile(join(root, "hello"), "hello\n");
    await ask("/usr/bin/dpkg-deb", "--build", `-Z${option}`, root, deb);
    const { control, data } = await readDebLayout(deb);
    expect(data.compression).toBe(compression);
    expect(control.name).toMatch(/^control\.tar/);
    await unpackDeb(deb, tree, []);
    expect(await readFile(join(tree, "hello"), "utf8")).toBe("hello\n");
  });

  it("have versions that are ordered as dpkg orders them", async () => {
    const part = fc.stringMatching(/^[0-9][0-9a-c.+~]{0,6}$/);
    const version = fc
      .tuple(part, fc.option(part))
      .map(([upstream, revision]) => (revision ? `${upstream}-${revision}` : upstream));
    for (const [a, b] of fc.sample(fc.tuple(version, version), { numRuns: 150, seed: 1 })) {
      const order = compareDebianVersions(a, b);
      const claim = [a, order < 0 ? "lt" : order > 0 ? "gt" : "eq", b];
      const { exitCode } = await judge("build", "/usr/bin/dpkg", ["--compare-versions", ...claim]);
      expect(exitCode, claim.join(" ")).toBe(0);
    }
  });
});

it("the members of what ar made are found, odd sizes too", async () => {
  const archive = join(folder, "x.a");
  const members: Record<string, string> = { a: "odd", b: "even", c: "" };
  for (const [name, text] of Object.entries(members)) await writeFile(join(folder, name), text);
  await ask("/usr/bin/ar", "rcSD", archive, ...Object.keys(members).map((name) => join(folder, name)));
  const bytes = await readFile(archive);
  const found = (await readArMembers(archive)).map(({ name, offset, size }) => [
    name,
    bytes.subarray(offset, offset + size).toString(),
  ]);
  expect(Object.fromEntries(found)).toEqual(members);
});

it("the libraries of a real program are those that readelf sees", async () => {
  const listing = await ask("/usr/bin/readelf", "-dW", process.execPath);
  const expected = [...listing.matchAll(/\(NEEDED\).*\[(.*)\]/g)].map(([, name]) => name);
  expect(expected.length).toBeGreaterThan(1);
  const elf = parseElf(await readFile(process.execPath));
  expect(elf?.needed).toEqual(expected);
  expect(elf).toMatchObject({ hasExecutableStack: false, hasTextRelocations: false, dlopened: [] });
});
