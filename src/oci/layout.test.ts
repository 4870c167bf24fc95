import { mkdtempDisposable, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { sha256 } from "../base/mod.ts";
import { isLayout, mediaTypes, openLayout } from "./layout.ts";

async function layoutWithBlob() {
  const folder = await mkdtempDisposable(join(tmpdir(), "hadron-oci-"));
  const layout = openLayout(folder.path);
  const written = await layout.writeBlob(Readable.from([Buffer.from("some"), Buffer.from(" bytes")]));
  const descriptor = { mediaType: "text/plain", ...written };
  return { folder, layout, descriptor, [Symbol.asyncDispose]: () => folder.remove() };
}

describe("an image layout", () => {
  it("keeps blobs by their digest, and has an index and a version", async () => {
    await using made = await layoutWithBlob();
    const { layout, folder, descriptor } = made;
    expect(descriptor).toEqual({ mediaType: "text/plain", digest: `sha256:${sha256("some bytes")}`, size: 10 });
    expect((await buffer(layout.readBlob(descriptor))).toString()).toBe("some bytes");
    expect(await isLayout(folder.path)).toBe(false);
    await layout.writeIndex([descriptor]);
    expect(await isLayout(folder.path)).toBe(true);
    expect((await layout.readIndex()).manifests).toEqual([descriptor]);
    expect(JSON.parse(await readFile(join(folder.path, "oci-layout"), "utf8"))).toEqual({
      imageLayoutVersion: "1.0.0",
    });
    expect((await readdir(join(folder.path, "blobs"))).sort()).toEqual(["sha256"]);
  });

  it("reads back what JSON it wrote", async () => {
    await using made = await layoutWithBlob();
    const descriptor = await made.layout.writeJson({ a: [1] }, mediaTypes.manifest);
    expect(await made.layout.readJson(descriptor)).toEqual({ a: [1] });
  });

  it("an altered, truncated or missing blob is refused", async () => {
    await using made = await layoutWithBlob();
    const { layout, descriptor } = made;
    for (const bytes of ["some bytez", "some", ""]) {
      await writeFile(layout.blobPath(descriptor.digest), bytes);
      await expect(buffer(layout.readBlob(descriptor))).rejects.toMatchObject({ code: "BLOB_DIGEST" });
      await expect(layout.readJson(descriptor)).rejects.toMatchObject({ code: "BLOB_DIGEST" });
    }
    await rm(layout.blobPath(descriptor.digest));
    await expect(buffer(layout.readBlob(descriptor))).rejects.toMatchObject({ code: "BLOB_MISSING" });
    await expect(layout.readJson(descriptor)).rejects.toMatchObject({ code: "BLOB_MISSING" });
  });

  it("a digest that would lead elsewhere is refused", async () => {
    await using made = await layoutWithBlob();
    for (const digest of ["sha256:../../../etc/passwd", "sha512:00", ""])
      expect(() => made.layout.blobPath(digest)).toThrow(expect.objectContaining({ code: "DIGEST_INVALID" }));
  });

  it("an index that is no index is refused; none at all is an empty one", async () => {
    await using made = await layoutWithBlob();
    const { layout, folder } = made;
    expect((await layout.readIndex()).manifests).toEqual([]);
    const untyped = JSON.stringify({ manifests: [{ digest: `sha256:${sha256("a")}`, size: 1 }] });
    for (const text of ["{", "{}", "null", '{"manifests":3}', untyped]) {
      await writeFile(join(folder.path, "index.json"), text);
      await expect(layout.readIndex()).rejects.toMatchObject({ code: "LAYOUT_INVALID" });
    }
  });

  it("a blob whose source fails leaves nothing", async () => {
    await using made = await layoutWithBlob();
    const failing = Readable.from(
      (async function* () {
        yield Buffer.from("half");
        throw new Error("Broken");
      })(),
    );
    await expect(made.layout.writeBlob(failing)).rejects.toThrow("Broken");
    expect(await readdir(join(made.folder.path, "blobs"))).toEqual(["sha256"]);
    expect(await readdir(join(made.folder.path, "blobs/sha256"))).toHaveLength(1);
  });
});
