import { cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { access, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { projectRoot } from "../../src/base/mod.ts";
import { testedImage } from "./support/artifacts.ts";
import { type CommandOptions, hadron } from "./support/hadron-command.ts";

interface Refusal {
  status: number | null;
  error: { message: string; code: string; kind: string; exitStatus: number; at?: string; hint?: string };
  /** What a person reads. */
  stderr: string;
}

/** What a command says that must fail. */
async function refusalOf(words: string[], options: CommandOptions = {}): Promise<Refusal> {
  const { status, stdout, stderr } = await hadron([...words, "--json"], options);
  if (status === 0) throw new Error(`"hadron ${words.join(" ")}" succeeded`);
  const { error } = JSON.parse(stdout) as Pick<Refusal, "error">;
  expect(error.exitStatus).toBe(status);
  expect(stderr).toContain(error.message);
  return { status, error, stderr };
}

let folder: string;
let output: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "hadron-bad-input-"));
  output = join(folder, "output.raw");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("the command line", () => {
  it("an image that is unknown is refused with the name that was meant, and nothing is written", async () => {
    const { status, error } = await refusalOf(["image", "clout", "--as", "disk", "--output", output]);
    expect({ status, code: error.code }).toEqual({ status: 2, code: "IMAGE_UNKNOWN" });
    expect(error.message).toContain('"clout"');
    expect(error.hint).toContain('"cloud"');
    await expect(access(output)).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("a component that is unknown is refused with the name that was meant", async () => {
    const { status, error } = await refusalOf(["build", "busybos"]);
    expect({ status, code: error.code }).toEqual({ status: 2, code: "COMPONENT_UNKNOWN" });
    expect(error.message).toContain('"busybos"');
    expect(error.hint).toContain('"busybox"');
  });

  it("a source that is unknown is refused alike, and a path that lacks its slash", async () => {
    const source = await refusalOf(["sources", "verify", "zlob"]);
    expect({ status: source.status, code: source.error.code }).toEqual({ status: 2, code: "SOURCE_UNKNOWN" });
    expect(source.error.hint).toContain('"zlib"');
    const path = await refusalOf(["why", "usr/bin/mount"]);
    expect({ status: path.status, code: path.error.code }).toEqual({ status: 2, code: "COMPONENT_UNKNOWN" });
    expect(path.error.hint).toContain('"/usr/bin/mount"');
  });

  it("what a hint says to type is this program as it was called", async () => {
    const { error } = await refusalOf(["show", "postgresql"]);
    expect(error.hint).toBe(`${join(projectRoot, "hadron")} list names them all`);
  });

  it("help for a command that is unknown is refused like the command", async () => {
    const { status, error } = await refusalOf(["help", "biuld"]);
    expect({ status, code: error.code }).toEqual({ status: 2, code: "USAGE_COMMAND" });
    expect(error.hint).toBe('Did you mean "build"?');
  });

  it.each([
    [["run", "--credential", "a:b=c"], "VM_CREDENTIAL"],
    [["run", "--ssh-port", "99999"], "USAGE_VALUE"],
    [["run", "--memory", "1K"], "USAGE_VALUE"],
    [["run", "--arch", "aarch64"], "USAGE_VALUE"],
    [["run", "--disk", "/proc/nowhere/disk.raw"], "IMAGE_OUTPUT"],
    [["run", "--iso", "--disk", "/dev/null/disk.qcow2"], "IMAGE_OUTPUT"],
    [["image", testedImage.name, "--as", "disk", "--output", "/proc/nowhere/disk.raw"], "IMAGE_OUTPUT"],
    [["image", testedImage.name, "--as", "disk", "--output", ""], "USAGE_VALUE"],
    [["toolbox", "update", "--offline"], "USAGE_OPTION"],
  ])("%j is refused before anything is fetched or built", async (words, code) => {
    const cache = join(folder, "no-cache");
    const { status, error } = await refusalOf(words, { env: { HADRON_CACHE: cache } });
    expect({ status, code: error.code }).toEqual({ status: 2, code });
    await expect(access(cache)).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("looking needs no cache folder, and makes none", async () => {
    const cache = join(folder, "no-cache");
    for (const words of [["list"], ["show", "zlib"], ["why", "zlib"], ["store"]]) {
      const { status, stderr } = await hadron(words, { env: { HADRON_CACHE: cache } });
      expect({ words, status, stderr }).toMatchObject({ words, status: 0 });
    }
    await expect(access(cache)).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("an option that is unknown is refused with the one that was meant", async () => {
    const { status, error } = await refusalOf(["build", "--ofline"]);
    expect({ status, code: error.code }).toEqual({ status: 2, code: "USAGE_OPTION" });
    expect(error.message).toContain("--ofline");
    expect(error.hint).toContain("--offline");
  });

  it("a kind of artifact that is unknown is refused with those that there are", async () => {
    const { status, error } = await refusalOf(["image", testedImage.name, "--as", "floppy", "--output", output]);
    expect({ status, code: error.code }).toEqual({ status: 2, code: "USAGE_VALUE" });
    for (const kind of ["floppy", "disk", "iso"]) expect(error.message).toContain(kind);
  });

  it("a place for the artifact that can't be written is refused, and nothing half-made is left there", async () => {
    const taken = join(folder, "taken");
    await writeFile(taken, "a file");
    const words = ["image", testedImage.name, "--as", "uki", "--output", join(taken, "output.efi")];
    const { status, error } = await refusalOf(words);
    expect({ status, code: error.code }).toEqual({ status: 2, code: "IMAGE_OUTPUT" });
    expect(error.at).toBe(join(taken, "output.efi"));
    expect((await readdir(folder)).filter((name) => name.includes(".part"))).toEqual([]);
  });

  it("a cache folder that can't be one is refused with the way out", async () => {
    const cache = join(folder, "cache-is-a-file");
    await writeFile(cache, "");
    const { status, error } = await refusalOf(["build", "zlib"], { env: { HADRON_CACHE: cache } });
    expect({ status, code: error.code }).toEqual({ status: 6, code: "STORE_READ_ONLY" });
    expect(error.message).toContain(cache);
    expect(error.hint).toContain("HADRON_CACHE");
  });
});

describe("an image description", () => {
  let checkout: string;

  /** The checkout with images added to it. */
  beforeAll(() => {
    checkout = join(folder, "checkout");
    mkdirSync(checkout);
    const files = ["hadron", "package.json", "package-lock.json", "sources.lock.json", "toolbox.lock.json"];
    for (const name of [...files, "src", "recipes", "images", "os"])
      cpSync(join(projectRoot, name), join(checkout, name), { recursive: true, preserveTimestamps: true });
    symlinkSync(join(projectRoot, "node_modules"), join(checkout, "node_modules"));
  });

  /** @param change Made to the text of the image that works */
  async function refusalOfImage(change: (text: string) => string): Promise<Refusal> {
    const file = join(checkout, "images/broken.ts");
    writeFileSync(
      file,
      change(`import cloud from "./cloud.ts";
import { image } from "../src/rootfs/mod.ts";

const { position, ...fields } = cloud;
export default image({ ...fields, name: "broken" });
`),
    );
    try {
      return await refusalOf(["image", "broken", "--as", "disk", "--output", output], { checkout });
    } finally {
      rmSync(file);
    }
  }

  it("with an unknown field is refused by that field, with its place", async () => {
    const { status, error } = await refusalOfImage((text) => text.replace('name: "broken"', '$&, colour: "red"'));
    expect({ status, code: error.code }).toEqual({ status: 3, code: "IMAGE_INVALID" });
    expect(error.message).toContain('"colour"');
    expect(error.at).toMatch(/images\/broken\.ts:5$/);
  });

  it("with a field of the wrong kind is refused by that field, with what it must be", async () => {
    const { status, error } = await refusalOfImage((text) => text.replace('name: "broken"', "$&, bootTries: 0"));
    expect({ status, code: error.code }).toEqual({ status: 3, code: "IMAGE_INVALID" });
    expect(error.message).toContain("bootTries");
    expect(error.hint).toContain("1 to 99");
  });

  it("that is no image, or no program, is refused with its file", async () => {
    for (const text of ["export default 42;\n", 'import "./missing.ts";\n', "export default image({\n"]) {
      const { status, error } = await refusalOfImage(() => text);
      expect({ status, code: error.code }, text).toEqual({ status: 3, code: "IMAGE_INVALID" });
      expect(error.at, text).toContain("images/broken.ts");
    }
    await expect(access(output)).rejects.toMatchObject({ code: "ENOENT" });
  });
});
