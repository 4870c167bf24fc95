import { readFile, writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { mediaTypes } from "../layout.ts";
import { imageAndRegistry, layerBytes } from "./test-image.ts";
import { refuse } from "./test-registry.ts";

const chunkBytes = 300_000;

describe("a push", () => {
  it("brings blobs, manifests, the tag and what is attached, and tells how far it is", async () => {
    await using it = await imageAndRegistry();
    const moved = await it.push();
    expect(moved).toMatchObject({ digest: it.root.digest, blobs: 3, manifests: 1, referrers: [it.signature.digest] });
    expect(moved.reference).toBe(`${it.registry.host}/some/image:v1@${it.root.digest}`);
    expect(it.registry.blobs.get(it.layer.digest)).toHaveLength(layerBytes);
    for (const name of ["v1", it.root.digest, it.signature.digest]) expect(it.registry.manifests.has(name)).toBe(true);
    const types = it.events.map(({ type }) => type);
    expect(types.filter((type) => type === "send-end")).toHaveLength(3);
    expect(types).toContain("send-progress");
    expect(it.registry.requests.at(-1)).toBe("PUT /v2/some/image/manifests/v1");
  });

  it("sends nothing that the registry has", async () => {
    await using it = await imageAndRegistry({ bytes: 1000 });
    await it.push();
    it.registry.requests.length = 0;
    expect(await it.push()).toMatchObject({ bytes: 0 });
    expect(it.asked(/uploads/)).toEqual([]);
  });

  it("sends what is large in chunks", async () => {
    await using it = await imageAndRegistry();
    await it.push({ chunkBytes });
    expect(it.asked(/^PATCH/).map((request) => request.split(" ")[2])).toEqual([
      "0-299999",
      "300000-599999",
      "600000-899999",
    ]);
    expect(it.registry.blobs.get(it.layer.digest)).toHaveLength(layerBytes);
  });

  it("whose registry breaks off in the middle goes on with what is missing", async () => {
    await using it = await imageAndRegistry();
    let patches = 0;
    it.registry.interfere = (request) => {
      if (request.method === "PATCH" && ++patches === 2) {
        let came = 0;
        request.on("data", (chunk: Buffer) => {
          came += chunk.length;
          if (came > 100_000) request.destroy();
        });
      }
      return false;
    };
    await it.push({ chunkBytes });
    const begins = it.asked(/^(PATCH|PUT .*uploads.* \d)/).map((request) => Number(/ (\d+)-/.exec(request)?.[1]));
    expect(begins.slice(0, 2)).toEqual([0, 300_000]);
    expect(begins[2]).toBeGreaterThan(400_000);
    expect(it.registry.blobs.get(it.layer.digest)).toHaveLength(layerBytes);
  });

  it("whose registry goes down in the middle and stays so says that it can't be reached, and has tagged nothing", async () => {
    await using it = await imageAndRegistry();
    let isDown = false;
    it.registry.interfere = (request) => {
      isDown ||= request.method === "PATCH";
      if (isDown) request.destroy();
      return isDown;
    };
    await expect(it.push({ chunkBytes })).rejects.toMatchObject({
      kind: "source",
      code: "REGISTRY_UNREACHABLE",
      hint: expect.stringContaining("run the command again"),
    });
    expect(it.registry.manifests.size).toBe(0);
    expect(it.registry.blobs.has(it.layer.digest)).toBe(false);
  });

  it("begins the blob again where the registry has forgotten what it had", async () => {
    await using it = await imageAndRegistry();
    let patches = 0;
    it.registry.interfere = (request, response) => {
      if (request.method === "PATCH") patches += 1;
      if (request.method === "PATCH" && patches === 2) return refuse(response, 404, "BLOB_UPLOAD_UNKNOWN");
      return (
        request.method === "GET" && /uploads/.test(request.url ?? "") && refuse(response, 404, "BLOB_UPLOAD_UNKNOWN")
      );
    };
    await it.push({ chunkBytes });
    expect(it.registry.blobs.get(it.layer.digest)).toHaveLength(layerBytes);
  });

  it("takes it as done where only the answer to the last request was lost", async () => {
    await using it = await imageAndRegistry();
    let isLost = false;
    it.registry.interfere = (request, response) => {
      if (request.method !== "PUT" || !/uploads/.test(request.url ?? "") || isLost) return false;
      isLost = true;
      response.writeHead = (() => {
        response.destroy();
        return response;
      }) as never;
      return false;
    };
    await it.push();
    expect(it.asked(/^POST/)).toHaveLength(3);
  });

  it("waits as long as a busy registry asks, and tries again", async () => {
    await using it = await imageAndRegistry({ bytes: 1000 });
    const began = performance.now();
    it.registry.interfere = (_, response) =>
      it.registry.requests.length === 1 && refuse(response, 429, "TOOMANYREQUESTS", { "retry-after": "1" });
    await it.push();
    expect(performance.now() - began).toBeGreaterThan(990);
  });

  it("says what a registry says that stays busy, and does not wait for hours", async () => {
    await using it = await imageAndRegistry({ bytes: 1000 });
    it.registry.interfere = (_, response) => refuse(response, 429, "TOOMANYREQUESTS", { "retry-after": "7200" });
    await expect(it.push()).rejects.toMatchObject({
      kind: "source",
      code: "REGISTRY_BUSY",
      message: expect.stringContaining("asks to wait 7200 s"),
    });
  });

  it.each([500, 502, 503])("gets over %i, and gives up after some attempts", async (status) => {
    await using it = await imageAndRegistry({ bytes: 1000 });
    const seen = new Set<string>();
    it.registry.interfere = ({ method, url = "" }, response) => {
      const request = `${method} ${url.split("?")[0]}`;
      const isFirst = !seen.has(request);
      seen.add(request);
      return isFirst && refuse(response, status, "UNKNOWN");
    };
    await it.push();
    it.registry.interfere = (_, response) => refuse(response, status, "UNKNOWN");
    await expect(it.push()).rejects.toMatchObject({ code: "REGISTRY_FAILED" });
  });

  it.each([
    [401, "REGISTRY_UNAUTHORIZED"],
    [403, "REGISTRY_DENIED"],
  ])("refused with %i ends at once and tags nothing", async (status, code) => {
    await using it = await imageAndRegistry({ bytes: 1000 });
    it.registry.interfere = (request, response) => request.method !== "HEAD" && refuse(response, status, "DENIED");
    await expect(it.push()).rejects.toMatchObject({ kind: "source", code, message: expect.stringContaining("denied") });
    expect(it.registry.manifests.size).toBe(0);
    expect(it.asked(/^POST/).length).toBeLessThanOrEqual(3);
  });

  it("refuses a blob that was altered on this machine, whole or in chunks", async () => {
    await using it = await imageAndRegistry();
    const path = it.layout.blobPath(it.layer.digest);
    const bytes = await readFile(path);
    bytes[500_000] = (bytes[500_000] ?? 0) ^ 1;
    await writeFile(path, bytes);
    for (const more of [{}, { chunkBytes }])
      await expect(it.push(more)).rejects.toMatchObject({ kind: "input", code: "BLOB_DIGEST", at: path });
    expect(it.registry.blobs.has(it.layer.digest)).toBe(false);
    expect(it.registry.manifests.size).toBe(0);
  });

  it("keeps the list of what is attached under a tag where the registry can't, beside what others wrote there", async () => {
    await using it = await imageAndRegistry({ hasReferrers: false, bytes: 1000 });
    const tag = it.root.digest.replace(":", "-");
    const other = { mediaType: mediaTypes.manifest, digest: `sha256:${"0".repeat(64)}`, size: 7, urls: ["x"] };
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.index, manifests: [other] }));
    it.registry.manifests.set(tag, { type: mediaTypes.index, bytes });
    await it.push();
    await it.push();
    const { manifests } = JSON.parse(String(it.registry.manifests.get(tag)?.bytes)) as { manifests: unknown[] };
    expect(manifests).toEqual([other, { ...it.signature, artifactType: "application/x-signature" }]);
  });

  it("an aborted one ends at once", async () => {
    await using it = await imageAndRegistry({ bytes: 1000 });
    const abort = new AbortController();
    it.registry.interfere = () => {
      abort.abort(new Error("Enough"));
      return true;
    };
    await expect(it.push({ signal: abort.signal })).rejects.toThrow("Enough");
  });
});
