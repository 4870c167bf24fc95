import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type ImageAndRegistry, imageAndRegistry, pushedImage } from "./test-image.ts";
import { serve } from "./test-proxy.ts";
import { openTestRegistry, refuse } from "./test-registry.ts";

describe("a redirect", () => {
  async function redirected(it: ImageAndRegistry, to: string): Promise<void> {
    await writeFile(
      join(it.folder, "config.json"),
      JSON.stringify({ auths: { [it.registry.host]: { auth: btoa("me:secret") } } }),
    );
    it.common.environment = { DOCKER_CONFIG: it.folder };
    it.registry.interfere = (request, response) => {
      if (request.headers.authorization === undefined)
        return refuse(response, 401, "UNAUTHORIZED", { "www-authenticate": 'Basic realm="test"' });
      if (!request.url?.includes("/blobs/")) return false;
      response.writeHead(307, { location: `http://${to}${request.url}` }).end();
      return true;
    };
  }

  it("to another host is followed, and the credentials stay", async () => {
    await using it = await pushedImage({ bytes: 1000 });
    await using other = await openTestRegistry();
    for (const [digest, bytes] of it.registry.blobs) other.blobs.set(digest, bytes);
    await redirected(it, other.host);
    await it.pull({ plainHttp: [it.registry.host, other.host] });
    expect(it.registry.authorizations).toContain(`Basic ${btoa("me:secret")}`);
    expect(other.authorizations).toEqual([undefined, undefined, undefined]);
  });

  it("to another host that asks who we are tells it nothing", async () => {
    await using it = await pushedImage({ bytes: 1000 });
    await using other = await openTestRegistry();
    other.interfere = (_, response) =>
      refuse(response, 401, "UNAUTHORIZED", { "www-authenticate": 'Basic realm="test"' });
    await redirected(it, other.host);
    const pull = it.pull({ plainHttp: [it.registry.host, other.host] });
    await expect(pull).rejects.toMatchObject({ code: "REGISTRY_UNAUTHORIZED" });
    expect(new Set(other.authorizations)).toEqual(new Set([undefined]));
  });

  it("to a host without TLS is refused unless the user allowed it", async () => {
    await using it = await pushedImage({ bytes: 1000 });
    await redirected(it, "storage.example");
    await expect(it.pull()).rejects.toMatchObject({
      code: "REGISTRY_REDIRECT",
      hint: expect.stringContaining("--plain-http storage.example"),
    });
  });

  it("in a circle comes to an end", async () => {
    await using it = await pushedImage({ bytes: 1000 });
    await redirected(it, it.registry.host);
    await expect(it.pull()).rejects.toMatchObject({ code: "REGISTRY_REDIRECT" });
  });
});

describe("a registry", () => {
  it("is spoken to without TLS only when that is asked for, on this machine too", async () => {
    await using it = await pushedImage({ bytes: 1000 });
    await expect(it.pull({ plainHttp: [] })).rejects.toMatchObject({
      code: "REGISTRY_UNREACHABLE",
      hint: expect.stringContaining(`--plain-http ${it.registry.host}`),
    });
    expect(it.registry.requests).toEqual([]);
  });

  it("that is not there is named", async () => {
    await using it = await imageAndRegistry({ bytes: 1000 });
    await it.registry[Symbol.asyncDispose]();
    await expect(it.pull()).rejects.toMatchObject({
      code: "REGISTRY_UNREACHABLE",
      at: expect.stringContaining(it.registry.host),
    });
  });

  it("is asked by the proxy of the environment", async () => {
    await using it = await pushedImage({ bytes: 1000 });
    await using proxy = await serve(it.registry.host);
    await it.pull({ environment: { http_proxy: proxy.url, HOME: it.folder } });
    expect(proxy.asked).toContain(`http://${it.registry.host}/v2/some/image/manifests/v1`);
  });
});
