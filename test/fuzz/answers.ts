import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Readable } from "node:stream";
import fc from "fast-check";
import { sha256 } from "../../src/base/mod.ts";
import { download } from "../../src/engine/download.ts";
import { inspect, mediaTypes, openLayout, parseReference, pullToLayout, pushLayout } from "../../src/oci/mod.ts";
import { openTestRegistry } from "../../src/oci/registry/test-registry.ts";
import { spoiledJson } from "./spoil.ts";
import { fileTarget, type Target } from "./target.ts";

/** What a server says instead of what it should say. */
interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
  /** The connection breaks where the answer should end. */
  isCut: boolean;
}

const digest = `sha256:${"0".repeat(64)}`;
const blob = { mediaType: "a/b", digest, size: 1 };

/** Values that would make a client wait or ask another machine are left out: those have tests of their own. */
const headers: Record<string, readonly string[]> = {
  "content-range": ["bytes 0-1/2", "bytes 5-1/*", "bytes 3-9/10", "bytes -1-1/2", "none"],
  "content-type": [mediaTypes.manifest, mediaTypes.index, "text/html; charset=utf-8", ""],
  "docker-content-digest": [digest, "sha512:0", "sha256:../x"],
  "docker-upload-uuid": ["../x"],
  link: ['</v2/x?n=1>; rel="next"', "<http://127.0.0.1:1/>; rel=next", "<>; rel=next", "<"],
  location: [
    "/v2/some/image/blobs/uploads/0",
    "http://127.0.0.1:1/x",
    "https://127.0.0.1:1/x",
    "//",
    "file:///etc/passwd",
    "",
    "?a=b",
  ],
  "oci-subject": [digest, ""],
  range: ["0-0", "0-99999999999", "bytes=0-3", "9-1", "x"],
  "retry-after": ["0", "7200", "-1", "soon"],
  "www-authenticate": [
    'Bearer realm="http://127.0.0.1:1/token"',
    'Basic realm="a"',
    'Bearer realm=""',
    "Bearer",
    '"',
    "Negotiate",
  ],
};

const answer: fc.Arbitrary<Answer> = fc.record({
  status: fc.constantFrom(
    200,
    200,
    201,
    202,
    204,
    206,
    301,
    302,
    307,
    308,
    400,
    401,
    403,
    404,
    416,
    418,
    429,
    500,
    503,
  ),
  headers: fc
    .subarray(Object.keys(headers), { maxLength: 3 })
    .chain((names) =>
      fc.record(Object.fromEntries(names.map((name) => [name, fc.constantFrom(...(headers[name] ?? [""]))]))),
    ),
  body: fc.oneof(
    spoiledJson([
      { schemaVersion: 2, mediaType: mediaTypes.manifest, config: blob, layers: [blob] },
      { schemaVersion: 2, mediaType: mediaTypes.index, manifests: [blob] },
      { errors: [{ code: "DENIED", message: "no" }] },
      { token: "abc", access_token: "def" },
    ]),
    fc.string({ maxLength: 40 }),
  ),
  isCut: fc.boolean(),
});

/** By the number of the request; undefined: the server does as it should. */
const answers = fc.array(fc.option(answer, { nil: undefined, freq: 2 }), { minLength: 1, maxLength: 12 });

function give(response: ServerResponse, { status, headers, body, isCut }: Answer): void {
  response.writeHead(status, headers);
  if (isCut) response.write(body, () => response.destroy());
  else response.end(body);
}

/** A layout with one small image, `v1`. */
export async function writeImage(folder: string): Promise<void> {
  const layout = openLayout(folder);
  const layer = { mediaType: mediaTypes.layerTar, ...(await layout.writeBlob(Readable.from(["a layer"]))) };
  const config = await layout.writeJson({ architecture: "amd64", os: "linux" }, mediaTypes.config);
  const manifest = { schemaVersion: 2, mediaType: mediaTypes.manifest, config, layers: [layer] };
  const root = await layout.writeJson(manifest, mediaTypes.manifest);
  await layout.writeIndex([{ ...root, annotations: { "org.opencontainers.image.ref.name": "v1" } }]);
}

const content = Buffer.from("what the lock pins");

/** Servers that answer anything. */
export const servers: readonly Target[] = [
  fileTarget({
    name: "a registry's answers",
    few: 5,
    inputs: fc.tuple(fc.constantFrom("pull", "push", "inspect"), answers),
    read: async ([doing, list], { folder }) => {
      await using registry = await openTestRegistry();
      const options = {
        environment: { HOME: folder },
        plainHttp: [registry.host],
        patience: { attempts: 3, firstPause: 1 },
        idleSeconds: 5,
        chunkBytes: 4,
        withReferrers: true,
      };
      const reference = parseReference(`${registry.host}/some/image:v1`);
      await writeImage(join(folder, "image"));
      if (doing !== "push") await pushLayout(`${folder}/image:v1`, reference, options);
      registry.requests.length = 0;
      registry.interfere = (_request, response) => {
        const said = list[registry.requests.length - 1];
        if (said) give(response, said);
        return said !== undefined;
      };
      if (doing === "push") await pushLayout(`${folder}/image:v1`, reference, options);
      else if (doing === "inspect") await inspect(`${registry.host}/some/image:v1`, options);
      else {
        const moved = await pullToLayout(reference, join(folder, "pulled"), options);
        const layout = openLayout(join(folder, "pulled"));
        for (const { digest } of (await layout.readIndex()).manifests)
          if (`sha256:${sha256(await readFile(layout.blobPath(digest)))}` !== digest)
            throw new Error(`What was pulled as ${moved.digest} is something else`);
      }
    },
  }),
  fileTarget({
    name: "a download server's answers",
    few: 6,
    inputs: fc.tuple(answers, fc.nat(content.length)),
    read: async ([list, had], { folder }) => {
      let request = 0;
      await using server = await serve((_request, response) => {
        const said = list[request++];
        if (said) give(response, said);
        else response.end(content);
      });
      const to = join(folder, "file");
      await mkdir(folder, { recursive: true });
      // What a process left that is gone.
      await writeFile(`${to}.${2 ** 22 + 1}.0.part`, content.subarray(0, had));
      const pinned = { sha256: sha256(content), size: content.length };
      await download({ url: `http://127.0.0.1:${server.port}/file`, to, name: "file", idleSeconds: 5, ...pinned });
      if (!(await readFile(to)).equals(content)) throw new Error("Other bytes than the lock pins");
    },
  }),
];

async function serve(answer: RequestListener): Promise<AsyncDisposable & { port: number }> {
  const server = createServer(answer);
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
