import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A web server for tests: what it answers by path, and what it was asked. */
export interface TestServer extends AsyncDisposable {
  url: string;
  /** `GET /path` with the range, without the probes of hosts. */
  requests: string[];
}

export type Answer = string | Uint8Array | ((request: IncomingMessage, response: ServerResponse) => void);

/** A path that has no answer gets 404. Ranges are served. */
export async function serve(answers: Record<string, Answer>): Promise<TestServer> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    if (request.method === "HEAD") return void response.end();
    const { range } = request.headers;
    requests.push(`GET ${request.url}${range === undefined ? "" : ` ${range}`}`);
    const answer = answers[request.url ?? ""];
    if (typeof answer === "function") return answer(request, response);
    if (answer === undefined) return void response.writeHead(404).end();
    const bytes = Buffer.from(answer);
    const start = Number(/^bytes=(\d+)-$/.exec(range ?? "")?.[1] ?? 0);
    if (range !== undefined)
      response.writeHead(206, { "content-range": `bytes ${start}-${bytes.length - 1}/${bytes.length}` });
    response.end(bytes.subarray(start));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
