import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Event } from "../base/mod.ts";
import { type ArtifactKind, artifacts } from "./artifacts.ts";
import { assertOutputPlace, writeArtifact, writeEmptyDisk } from "./write-artifact.ts";

const mebibyte = 1 << 20;
const image = { name: "cloud" };
const disk = Buffer.alloc(mebibyte + 65_536);
disk.write("a disk", mebibyte);

let folder: string;
let output: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hadron-artifact-"));
  output = join(folder, "output");
  await mkdir(output);
  await writeFile(join(output, "disk.raw"), disk, { mode: 0o444 });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("writes", () => {
  it("a copy, in folders that it makes, and says what it wrote", async () => {
    const to = join(folder, "new/folder/my.raw");
    const events: Event[] = [];
    const written = await writeArtifact({ kind: "disk", image, output, to, emit: (event) => events.push(event) });
    const sha256 = createHash("sha256").update(disk).digest("hex");
    expect(written).toEqual({ path: to, bytes: disk.length, sha256 });
    expect((await readFile(to)).equals(disk)).toBe(true);
    expect((await stat(to)).mode & 0o777).toBe(0o644);
    expect(events).toEqual([{ type: "note", message: `Writing cloud as disk to "${to}"` }]);
  });

  it("a qcow2 of the very same disk, with the digest of the file", async () => {
    const to = join(folder, "my.qcow2");
    const written = await writeArtifact({ kind: "qcow2", image, output, to });
    const bytes = await readFile(to);
    expect(bytes.subarray(0, 4).toString("latin1")).toBe("QFI\xfb");
    expect(written).toEqual({
      path: to,
      bytes: bytes.length,
      sha256: createHash("sha256").update(bytes).digest("hex"),
    });
    expect(bytes.length).toBeLessThan(mebibyte);
  });

  const ofMachines = (Object.keys(artifacts) as ArtifactKind[]).filter((kind) => !("isContainer" in artifacts[kind]));
  it.each(ofMachines)("%s from the file that its step leaves", async (kind) => {
    const file = join(output, artifacts[kind].file(image));
    await rm(file, { force: true });
    await writeFile(file, disk);
    const { path } = await writeArtifact({ kind, image, output, to: join(folder, kind) });
    expect((await stat(path)).isFile()).toBe(true);
  });

  it.each(["oci", "oci-archive", "docker-archive"] as const)(
    "%s from facts and layers, twice the same",
    async (kind) => {
      const facts = {
        name: "hadron/cloud",
        version: "1.2.3",
        title: "x",
        summary: "x",
        architecture: "amd64",
        created: 0,
      };
      await writeFile(join(output, "image.json"), JSON.stringify(facts));
      for (const name of ["01-libc.tar", "01-libc.tar.gz"]) await writeFile(join(output, name), name);
      const first = await writeArtifact({ kind, image, output, to: join(folder, "first") });
      const second = await writeArtifact({ kind, image, output, to: join(folder, "second") });
      expect({ ...second, path: first.path }).toEqual(first);
      expect(first.bytes).toBeGreaterThan(500);
      expect((await stat(first.path)).isDirectory()).toBe(kind === "oci");
      expect(await writeArtifact({ kind, image, output, to: first.path })).toEqual(first);
      expect((await readdir(folder)).sort()).toEqual(["first", "output", "second"]);
    },
  );

  it("over the file that is there, through a link too", async () => {
    await writeFile(join(folder, "old"), "old");
    await symlink("old", join(folder, "link"));
    const { path } = await writeArtifact({ kind: "disk", image, output, to: join(folder, "link") });
    expect(path).toBe(join(folder, "old"));
    expect(await readlink(join(folder, "link"))).toBe("old");
    expect((await readFile(join(folder, "old"))).equals(disk)).toBe(true);
  });
});

describe("refuses", () => {
  const attempt = (to: string, kind: ArtifactKind = "disk") => writeArtifact({ kind, image, output, to });

  it("a folder", async () => {
    await expect(attempt(folder)).rejects.toMatchObject({
      code: "IMAGE_OUTPUT",
      kind: "usage",
      at: folder,
      hint: expect.stringContaining("Name a file"),
    });
    await expect(attempt(`${folder}/to-be/`)).rejects.toMatchObject({ code: "IMAGE_OUTPUT" });
    expect(await readdir(folder)).toEqual(["output"]);
  });

  it("a folder with something else in it, for an image layout", async () => {
    await writeFile(join(output, "image.json"), "{}");
    await expect(attempt(output, "oci")).rejects.toMatchObject({ code: "IMAGE_OUTPUT", at: output });
    expect(await readdir(output)).toContain("disk.raw");
  });

  it("a device, whose node a rename would replace", async () => {
    await expect(attempt("/dev/null")).rejects.toMatchObject({ code: "IMAGE_OUTPUT", at: "/dev/null" });
    expect((await stat("/dev/null")).isCharacterDevice()).toBe(true);
  });

  it("a path through a file", async () => {
    await expect(attempt(join(output, "disk.raw/below"))).rejects.toMatchObject({ code: "IMAGE_OUTPUT" });
  });

  it("an output without the file", async () => {
    await expect(attempt(join(folder, "my.iso"), "iso")).rejects.toMatchObject({
      code: "IMAGE_PART_MISSING",
      at: join(output, "cloud.iso"),
    });
  });
});

describe("a disk is grown", () => {
  const bytes = 3 * mebibyte;
  /** "Header" of qcow2.txt: the virtual size is at byte 24. */
  const virtualSize = async (path: string) => Number((await readFile(path)).readBigUInt64BE(24));

  it("by a hole at its end, a qcow2 inside", async () => {
    const raw = await writeArtifact({ kind: "disk", image, output, to: join(folder, "my.raw"), minBytes: bytes });
    expect([raw.bytes, (await stat(raw.path)).size]).toEqual([bytes, bytes]);
    const qcow2 = await writeArtifact({ kind: "qcow2", image, output, to: join(folder, "my.qcow2"), minBytes: bytes });
    expect(qcow2.bytes).toBeLessThan(mebibyte);
    expect(await virtualSize(qcow2.path)).toBe(bytes);
  });

  it("from nothing, in a folder that is made", async () => {
    const [raw, qcow2] = [join(folder, "new/my.raw"), join(folder, "new/my.qcow2")];
    await writeEmptyDisk("disk", raw, bytes);
    await writeEmptyDisk("qcow2", qcow2, bytes);
    expect((await readFile(raw)).equals(Buffer.alloc(bytes))).toBe(true);
    expect((await stat(raw)).blocks).toBeLessThan(100);
    expect(await virtualSize(qcow2)).toBe(bytes);
    expect((await readdir(join(folder, "new"))).sort()).toEqual(["my.qcow2", "my.raw"]);
  });
});

describe("before a build, a place", () => {
  it("that can be written is left as it was, folders that are missing too", async () => {
    for (const to of ["my.raw", "new/folder/my.raw", "output/disk.raw"]) await assertOutputPlace(join(folder, to));
    await assertOutputPlace(join(folder, "layout"), "oci");
    expect(await readdir(folder)).toEqual(["output"]);
    expect(await readdir(output)).toEqual(["disk.raw"]);
  });

  it.each(["/dev/null", "/proc/nowhere/my.raw", "/"])("such as %s is refused", async (to) => {
    await expect(assertOutputPlace(to)).rejects.toMatchObject({ kind: "usage", code: "IMAGE_OUTPUT", at: to });
  });

  it("below a file, or taken by another folder, is refused", async () => {
    await expect(assertOutputPlace(join(output, "disk.raw/my.raw"))).rejects.toMatchObject({ code: "IMAGE_OUTPUT" });
    await expect(assertOutputPlace(output, "oci")).rejects.toMatchObject({ code: "IMAGE_OUTPUT", at: output });
  });
});

describe("leaves nothing half-made", () => {
  it.each(["disk", "qcow2"] as const)("when it is interrupted (%s)", async (kind) => {
    await writeFile(join(folder, "my"), "old");
    const abort = AbortSignal.abort(new Error("Interrupted"));
    const writing = writeArtifact({ kind, image, output, to: join(folder, "my"), signal: abort });
    await expect(writing).rejects.toThrow("Interrupted");
    expect((await readdir(folder)).sort()).toEqual(["my", "output"]);
    expect(await readFile(join(folder, "my"), "utf8")).toBe("old");
  });
});
