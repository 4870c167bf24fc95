import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { sha256 } from "../../base/mod.ts";
import type { Descriptor } from "../layout.ts";

/** A registry for tests, in memory: the part of the distribution specification that the client uses. */
export interface TestRegistry extends AsyncDisposable {
  /** `127.0.0.1:PORT`. */
  host: string;
  blobs: Map<string, Buffer>;
  /** By digest and by tag. */
  manifests: Map<string, { type: string; bytes: Buffer }>;
  /** `GET /v2/a/blobs/…`, in order, with what was sent of `range` and `content-range`. */
  requests: string[];
  /** What came with each of them as `Authorization`. */
  authorizations: (string | undefined)[];
  /** Answers instead of the registry, where it returns true. */
  interfere: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined;
}

/** What a registry has. */
type Content = Pick<TestRegistry, "blobs" | "manifests">;

/** @param options.like Another, of which this one begins as a copy */
export async function openTestRegistry({
  hasReferrers = true,
  like,
}: {
  hasReferrers?: boolean;
  like?: Content | undefined;
} = {}): Promise<TestRegistry> {
  const uploads = new Map<string, Buffer[]>();
  const lengthOf = (name: string) => (uploads.get(name) ?? []).reduce((sum, { length }) => sum + length, 0);
  const server = createServer((request, response) => {
    const { method = "", url = "", headers } = request;
    const range = headers.range ?? headers["content-range"];
    registry.requests.push(`${method} ${url}${range === undefined ? "" : ` ${range}`}`);
    registry.authorizations.push(headers.authorization);
    if (registry.interfere?.(request, response)) return;
    const { pathname, searchParams } = new URL(url, "http://registry.test");
    const [, kind = "", name = ""] =
      /^\/v2\/.+?\/(blobs\/uploads|blobs|manifests|referrers)\/(.*)$/.exec(pathname) ?? [];
    void answers[`${method === "HEAD" ? "GET" : method} ${kind}`]?.({ request, response, name, query: searchParams });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const registry: TestRegistry = {
    ...{ host, blobs: new Map(like?.blobs), manifests: new Map(like?.manifests) },
    ...{ requests: [], authorizations: [], interfere: undefined },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
  const progress = (name: string) => ({
    location: `/v2/any/blobs/uploads/${name}`,
    range: `0-${Math.max(0, lengthOf(name) - 1)}`,
  });
  /** Keeps what came even where the connection breaks, as registries may. */
  const take = async (request: IncomingMessage, name: string): Promise<void> => {
    const chunks = uploads.get(name) ?? [];
    uploads.set(name, chunks);
    for await (const chunk of request) chunks.push(chunk);
  };
  const answers: Record<string, (asked: Asked) => Promise<unknown> | unknown> = {
    "POST blobs/uploads": ({ response }) => {
      const name = String(uploads.size);
      uploads.set(name, []);
      response.writeHead(202, progress(name)).end();
    },
    "GET blobs/uploads": ({ response, name }) =>
      response.writeHead(uploads.has(name) ? 204 : 404, progress(name)).end(),
    "PATCH blobs/uploads": async ({ request, response, name }) => {
      const begin = Number(request.headers["content-range"]?.split("-")[0] ?? 0);
      const has = uploads.has(name) ? lengthOf(name) : undefined;
      if (has !== begin) return response.writeHead(has === undefined ? 404 : 416).end();
      await take(request, name).catch(() => {});
      response.writeHead(202, progress(name)).end();
    },
    "PUT blobs/uploads": async ({ request, response, name, query }) => {
      await take(request, name);
      const bytes = Buffer.concat(uploads.get(name) ?? []);
      const digest = `sha256:${sha256(bytes)}`;
      if (query.get("digest") !== digest) return refuse(response, 400, "DIGEST_INVALID");
      registry.blobs.set(digest, bytes);
      response.writeHead(201).end();
    },
    "GET blobs": ({ request, response, name }) => {
      const bytes = registry.blobs.get(name);
      if (bytes === undefined) return refuse(response, 404, "BLOB_UNKNOWN");
      const begin = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
      const range = { "content-range": `bytes ${begin}-${bytes.length - 1}/${bytes.length}` };
      response.writeHead(begin > 0 ? 206 : 200, begin > 0 ? range : {});
      response.end(request.method === "HEAD" ? undefined : bytes.subarray(begin));
    },
    "GET manifests": ({ response, name }) => {
      const found = registry.manifests.get(name);
      if (found === undefined) return refuse(response, 404, "MANIFEST_UNKNOWN");
      response.writeHead(200, { "content-type": found.type }).end(found.bytes);
    },
    "PUT manifests": async ({ request, response, name }) => {
      const bytes = await buffer(request);
      const digest = `sha256:${sha256(bytes)}`;
      for (const key of [name, digest])
        registry.manifests.set(key, { type: request.headers["content-type"] ?? "", bytes });
      const subject = (JSON.parse(bytes.toString()) as { subject?: Descriptor }).subject?.digest;
      const said = hasReferrers && subject ? { "oci-subject": subject } : {};
      response.writeHead(201, { "docker-content-digest": digest, ...said }).end();
    },
    "GET referrers": ({ response, name }) => {
      if (!hasReferrers) return refuse(response, 404, "NOT_FOUND");
      const manifests = [...registry.manifests].flatMap(([key, { type: mediaType, bytes }]) => {
        const { subject, artifactType } = JSON.parse(bytes.toString()) as {
          subject?: Descriptor;
          artifactType?: string;
        };
        if (subject?.digest !== name || !key.startsWith("sha256:")) return [];
        return [{ mediaType, digest: key, size: bytes.length, artifactType }];
      });
      const type = "application/vnd.oci.image.index.v1+json";
      const index = { schemaVersion: 2, mediaType: type, manifests };
      response.writeHead(200, { "content-type": type }).end(JSON.stringify(index));
    },
  };
  return registry;
}

interface Asked {
  request: IncomingMessage;
  response: ServerResponse;
  /** What follows the kind in the path. */
  name: string;
  query: URLSearchParams;
}

export function refuse(
  response: ServerResponse,
  status: number,
  code: string,
  headers: Record<string, string> = {},
): true {
  response.writeHead(status, headers).end(JSON.stringify({ errors: [{ code, message: code.toLowerCase() }] }));
  return true;
}
