import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

export interface LayoutServer extends AsyncDisposable {
  port: number;
}

interface Descriptor {
  mediaType: string;
  digest: string;
  annotations?: Record<string, string>;
}

/**
 * Offers an OCI image layout as a registry would (distribution-spec, "Pull"), under any name. Under the name `tampered` the last
 * byte of every layer is another.
 */
export async function serveLayout(folder: string): Promise<LayoutServer> {
  const blob = (digest: string) => readFile(join(folder, "blobs", digest.replace(":", "/")));
  const json = async (digest: string) => JSON.parse((await blob(digest)).toString("utf8"));
  const { manifests } = JSON.parse(await readFile(join(folder, "index.json"), "utf8")) as { manifests: Descriptor[] };
  const layers = new Set<string>();
  for (const { digest } of manifests)
    for (const layer of ((await json(digest)) as { layers: Descriptor[] }).layers) layers.add(layer.digest);

  const answer = async (path: string, response: ServerResponse): Promise<void> => {
    if (path === "/v2/") return void response.end("{}");
    const [, name = "", kind, reference = ""] = /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(path) ?? [];
    const manifest = manifests.find(
      ({ digest, annotations }) =>
        digest === reference || annotations?.["org.opencontainers.image.ref.name"] === reference,
    );
    if (kind === "manifests" && manifest) {
      response.setHeader("Content-Type", manifest.mediaType);
      response.setHeader("Docker-Content-Digest", manifest.digest);
      return void response.end(await blob(manifest.digest));
    }
    if (kind !== "blobs" || !/^sha256:[0-9a-f]{64}$/.test(reference)) return void response.writeHead(404).end();
    const bytes = await blob(reference);
    if (name === "tampered" && layers.has(reference)) bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    response.end(bytes);
  };
  const server = createServer((request, response) => {
    answer(request.url ?? "", response).catch(() => response.writeHead(404).end());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
