import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sha256 } from "../../base/mod.ts";
import { mediaTypes } from "../layout.ts";
import { pullToLayout } from "./pull.ts";
import { type ImageAndRegistry, imageAndRegistry, layerBytes, plant, pushedImage } from "./test-image.ts";
import { refuse } from "./test-registry.ts";

const deadPid = 2 ** 22 + 1;

const smallImage = () => pushedImage({ bytes: 1000 });

/** Serves the layer in another way. */
function serveLayer(
  it: ImageAndRegistry,
  serve: (response: ServerResponse, bytes: Buffer, range?: string) => void,
): void {
  const bytes = it.registry.blobs.get(it.layer.digest) ?? Buffer.alloc(0);
  it.registry.interfere = (request, response) => {
    if (request.method !== "GET" || !request.url?.endsWith(it.layer.digest)) return false;
    serve(response, bytes, request.headers.range);
    return true;
  };
}

/** Nothing is named that was refused, and no part of it stays. */
async function expectNothingKept(it: ImageAndRegistry): Promise<void> {
  expect((await it.pulled.readIndex()).manifests).toEqual([]);
  const names = await readdir(join(it.to, "blobs"), { recursive: true }).catch(() => []);
  expect(names.filter((name) => name.includes(it.layer.digest.slice(7)))).toEqual([]);
}

describe("a pull", () => {
  it.each([true, false])(
    "brings the image with what is attached (referrers API: %s), and names it",
    async (hasReferrers) => {
      await using it = await imageAndRegistry({ hasReferrers });
      await it.push();
      expect(await it.pull()).toMatchObject({ digest: it.root.digest, referrers: [it.signature.digest], blobs: 3 });
      const { manifests } = await it.pulled.readIndex();
      expect(manifests.map(({ digest }) => digest)).toEqual([it.root.digest, it.signature.digest]);
      expect(await readFile(it.pulled.blobPath(it.layer.digest))).toHaveLength(layerBytes);
      const types = it.events.map(({ type }) => type);
      expect(types.filter((type) => type === "fetch-end")).toHaveLength(3);
      expect(types).toContain("fetch-progress");
    },
  );

  it("brings nothing twice, and takes the tag from what had it", async () => {
    await using it = await smallImage();
    await it.pull();
    it.registry.requests.length = 0;
    expect(await it.pull()).toMatchObject({ bytes: 0 });
    expect(it.asked(/blobs/)).toEqual([]);
    expect((await it.pulled.readIndex()).manifests).toHaveLength(2);
    const other = { schemaVersion: 2, mediaType: mediaTypes.manifest, config: it.config, layers: [] };
    plant(it, other);
    const moved = await it.pull();
    const named = (await it.pulled.readIndex()).manifests.filter(({ annotations }) => annotations);
    expect(named.map(({ digest }) => digest)).toEqual([moved.digest]);
  });

  it("of a blob that breaks off goes on where it ended", async () => {
    await using it = await pushedImage();
    serveLayer(it, (response, bytes, range) => {
      const begin = Number(/\d+/.exec(range ?? "")?.[0] ?? 0);
      const end = Math.min(bytes.length, begin + 400_000);
      const headers = { "content-range": `bytes ${begin}-${bytes.length - 1}/${bytes.length}` };
      response.writeHead(begin > 0 ? 206 : 200, { ...headers, "content-length": bytes.length - begin });
      response.write(bytes.subarray(begin, end), () => (end < bytes.length ? response.destroy() : response.end()));
    });
    await it.pull();
    expect(await readFile(it.pulled.blobPath(it.layer.digest))).toHaveLength(layerBytes);
    const ranges = it
      .asked(new RegExp(`GET .*${it.layer.digest}`))
      .map((request) => Number(/=(\d+)-/.exec(request)?.[1] ?? 0));
    expect(ranges).toHaveLength(3);
    // What was on the way when the connection broke may be lost.
    expect(ranges[1]).toBeGreaterThan(100_000);
    expect(ranges[2]).toBeGreaterThan(500_000);
  });

  it("of a blob that is always cut short says so, and keeps what came for the next pull", async () => {
    await using it = await pushedImage();
    serveLayer(it, (response, bytes, range) => {
      if (range !== undefined)
        response.writeHead(206, { "content-range": `bytes 300000-${layerBytes - 1}/${layerBytes}` });
      response.end(range === undefined ? bytes.subarray(0, 300_000) : "");
    });
    const error = {
      kind: "source",
      code: "REGISTRY_TRUNCATED",
      message: expect.stringContaining(`of ${layerBytes} bytes`),
    };
    await expect(it.pull()).rejects.toMatchObject(error);
    expect((await it.pulled.readIndex()).manifests).toEqual([]);
    it.registry.interfere = undefined;
    const [part = ""] = (await readdir(join(it.to, "blobs"))).filter((name) => name.endsWith(".part"));
    await rename(join(it.to, "blobs", part), join(it.to, "blobs", part.replace(/\d+\.part$/, `${deadPid}.part`)));
    it.registry.requests.length = 0;
    await it.pull();
    expect(it.asked(/bytes=300000-/)).toHaveLength(1);
  });

  it("of a blob goes on from a registry without ranges as well: from the beginning", async () => {
    await using it = await pushedImage();
    let times = 0;
    serveLayer(it, (response, bytes) => {
      times += 1;
      response.writeHead(200, { "content-length": bytes.length });
      if (times > 1) return void response.end(bytes);
      response.write(bytes.subarray(0, 400_000), () => response.destroy());
    });
    await it.pull();
    expect(times).toBe(2);
    expect(await readFile(it.pulled.blobPath(it.layer.digest))).toHaveLength(layerBytes);
  });

  it("goes on with the part that a process left which is gone, unless that is of something else", async () => {
    await using it = await pushedImage();
    await mkdir(join(it.to, "blobs"), { recursive: true });
    const part = join(it.to, "blobs", `${it.layer.digest.slice(7)}.${deadPid}.part`);
    const bytes = it.registry.blobs.get(it.layer.digest) ?? Buffer.alloc(0);
    await writeFile(part, bytes.subarray(0, 900_000));
    await it.pull();
    expect(it.asked(/bytes=900000-/)).toHaveLength(1);
    await using other = await pushedImage();
    await mkdir(join(other.to, "blobs"), { recursive: true });
    await writeFile(join(other.to, "blobs", `${other.layer.digest.slice(7)}.${deadPid}.part`), Buffer.alloc(900_000));
    await other.pull();
    expect((await readdir(join(other.to, "blobs"))).sort()).toEqual(["sha256"]);
  });

  it("whose registry answers with other bytes than the digest says is refused", async () => {
    await using it = await smallImage();
    serveLayer(it, (response) => void response.end(Buffer.alloc(it.layer.size)));
    await expect(it.pull()).rejects.toMatchObject({ kind: "source", code: "REGISTRY_DIGEST" });
    await expectNothingKept(it);
  });

  it("of a blob without an end stops when its size has come", async () => {
    await using it = await pushedImage({ bytes: 300_000 });
    const zeros = Buffer.alloc(64 << 10);
    let sent = 0;
    serveLayer(it, (response) => {
      const more = () => {
        while (!response.destroyed && response.write(zeros)) sent += 64 << 10;
        response.once("drain", more);
      };
      more();
    });
    await expect(it.pull()).rejects.toMatchObject({ code: "REGISTRY_DIGEST" });
    expect(sent).toBeLessThan(20_000_000);
    await expectNothingKept(it);
  });

  it("by digest refuses another manifest", async () => {
    await using it = await smallImage();
    const other = it.registry.manifests.get(it.signature.digest);
    if (other) it.registry.manifests.set(it.root.digest, other);
    const { registry, repository } = it.reference;
    const byDigest = pullToLayout({ registry, repository, digest: it.root.digest }, it.to, it.common);
    await expect(byDigest).rejects.toMatchObject({ code: "REGISTRY_DIGEST" });
  });

  it.each(["said", "not said"])(
    "of a manifest of 100 MB is refused when 4 MiB have come (its length is %s)",
    async (isSaid) => {
      await using it = await smallImage();
      const bytes = 100_000_000;
      const blanks = Buffer.alloc(1 << 20, " ");
      let sent = 0;
      it.registry.interfere = (request, response) => {
        if (!request.url?.includes("manifests")) return false;
        const length: Record<string, string> = isSaid === "said" ? { "content-length": String(bytes) } : {};
        response.writeHead(200, { "content-type": mediaTypes.manifest, ...length });
        const more = () => {
          while (sent < bytes && !response.destroyed && response.write(blanks)) sent += 1 << 20;
          response.once("drain", more);
        };
        more();
        return true;
      };
      await expect(it.pull()).rejects.toMatchObject({ kind: "input", code: "MANIFEST_TOO_LARGE" });
      expect(sent).toBeLessThan(30_000_000);
    },
  );

  const shared = { schemaVersion: 2, mediaType: mediaTypes.manifest, layers: [] };
  const blob = { mediaType: "a/b", digest: `sha256:${"0".repeat(64)}`, size: 1 };
  it.each([
    ["a media type that is not known", { schemaVersion: 1 }, "application/vnd.docker.distribution.manifest.v1+json"],
    ["none", { ...shared, config: blob }, ""],
    ["a name that every object has", { schemaVersion: 2, manifests: [] }, "constructor"],
    ["that of a page", "<html></html>", "text/html; charset=utf-8"],
  ])("of %s is refused", async (_, manifest, type) => {
    await using it = await smallImage();
    plant(it, manifest, type);
    await expect(it.pull()).rejects.toMatchObject({ kind: "input", code: "MANIFEST_MEDIA_TYPE" });
  });

  it.each([
    ["is no JSON", "{"],
    ["is two kinds at once", { ...shared, config: blob, manifests: [] }],
    ["calls itself something else", { ...shared, mediaType: mediaTypes.index, config: blob }],
    [
      "has a blob with a name that leads out",
      { ...shared, config: { ...blob, digest: "sha256:../../../../etc/passwd" } },
    ],
    ["has a blob with less than no bytes", { ...shared, config: { ...blob, size: -1 } }],
    ["says two sizes of one blob", { ...shared, config: blob, layers: [{ ...blob, size: 2 }] }],
  ])("of a manifest that %s is refused", async (_, manifest) => {
    await using it = await smallImage();
    plant(it, manifest);
    await expect(it.pull()).rejects.toMatchObject({ kind: "input", code: "MANIFEST_INVALID" });
    await expectNothingKept(it);
  });

  it("of indexes nested without an end is refused", async () => {
    await using it = await smallImage();
    let inner = it.root;
    for (let depth = 0; depth < 12; depth++) {
      const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [inner] }));
      inner = { mediaType: mediaTypes.index, digest: `sha256:${sha256(bytes)}`, size: bytes.length };
      for (const name of ["v1", inner.digest]) it.registry.manifests.set(name, { type: mediaTypes.index, bytes });
    }
    await expect(it.pull()).rejects.toMatchObject({
      code: "MANIFEST_INVALID",
      message: expect.stringContaining("deeper"),
    });
  });

  const named = (count: number) =>
    Array.from({ length: count }, (_, number) => ({
      ...{ mediaType: mediaTypes.manifest, size: 1 },
      digest: `sha256:${sha256(String(number))}`,
    }));

  it("of an index of too many manifests is refused before any of them is asked for", async () => {
    await using it = await smallImage();
    plant(it, { schemaVersion: 2, manifests: named(1001) }, mediaTypes.index);
    await expect(it.pull()).rejects.toMatchObject({ kind: "input", code: "MANIFESTS_TOO_MANY" });
    expect(it.registry.requests).toHaveLength(1);
    await expectNothingKept(it);
  });

  it("of what has too much attached to it is refused, but for itself", async () => {
    await using it = await smallImage();
    it.registry.interfere = ({ url = "" }, response) => {
      if (!url.includes("referrers")) return false;
      // A list without an end.
      const page = Number(/page=(\d+)/.exec(url)?.[1] ?? 0);
      const headers = { "content-type": mediaTypes.index, link: `<?page=${page + 1}>; rel="next"` };
      const manifests = named(300 * (page + 1)).slice(300 * page);
      response.writeHead(200, headers).end(JSON.stringify({ schemaVersion: 2, manifests }));
      return true;
    };
    await expect(it.pull()).rejects.toMatchObject({ kind: "input", code: "MANIFESTS_TOO_MANY" });
    expect(it.asked(/referrers/)).toHaveLength(4);
    await pullToLayout(it.reference, it.to, { ...it.common, withReferrers: false });
    expect((await it.pulled.readIndex()).manifests).toHaveLength(1);
  });

  it.each([429, 500, 503])("gets over %i, and gives up after some attempts", async (status) => {
    await using it = await smallImage();
    const seen = new Set<string>();
    it.registry.interfere = ({ url = "" }, response) => {
      const isFirst = !seen.has(url);
      seen.add(url);
      return isFirst && refuse(response, status, "UNKNOWN");
    };
    await it.pull();
    expect(await readFile(it.pulled.blobPath(it.layer.digest))).toHaveLength(it.layer.size);
    it.registry.interfere = (_, response) => refuse(response, status, "UNKNOWN");
    const code = status === 429 ? "REGISTRY_BUSY" : "REGISTRY_FAILED";
    await expect(it.pull()).rejects.toMatchObject({ kind: "source", code });
  });

  it.each([
    [401, "REGISTRY_UNAUTHORIZED"],
    [403, "REGISTRY_DENIED"],
  ])("refused with %i ends at once and keeps nothing", async (status, code) => {
    await using it = await smallImage();
    it.registry.interfere = (_, response) => refuse(response, status, "DENIED");
    await expect(it.pull()).rejects.toMatchObject({ kind: "source", code });
    expect(it.registry.requests).toHaveLength(1);
    await expectNothingKept(it);
  });

  it("of what is not there says so at once", async () => {
    await using it = await imageAndRegistry({ bytes: 1000 });
    await expect(it.pull()).rejects.toMatchObject({ kind: "source", code: "REGISTRY_NOT_FOUND" });
    expect(it.registry.requests).toHaveLength(1);
  });
});
