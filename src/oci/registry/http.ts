import { Agent as HttpAgent, type IncomingHttpHeaders, type IncomingMessage, request as requestHttp } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { getCACertificates } from "node:tls";

export interface Exchange {
  method: string;
  url: URL;
  headers: Record<string, string>;
  body?: Buffer;
  /** Told of each part of the body that was handed over, in bytes. */
  sent?: (bytes: number) => void;
}

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  /** Has to be read or drained. */
  body: IncomingMessage;
}

export interface ConnectionOptions {
  /** For the proxy's variables. */
  environment: NodeJS.ProcessEnv;
  /** Certificates (PEM) to trust beside Node's own. */
  ca?: string | undefined;
  signal?: AbortSignal | undefined;
  /** Seconds without a byte after which the server is given up. */
  idleSeconds: number;
}

export interface Connections extends Disposable {
  /** One request and the head of its answer; follows nothing, tries once. */
  send(exchange: Exchange): Promise<Answer>;
}

/** Node's `fetch` takes no certificates of one's own without another package, so this speaks by node:https. */
export function openConnections({ environment, ca, signal, idleSeconds }: ConnectionOptions): Connections {
  const common = { keepAlive: true, proxyEnv: environment };
  const plain = new HttpAgent(common);
  const secure = new HttpsAgent({ ...common, ...(ca ? { ca: [...getCACertificates("default"), ca] } : {}) });
  return {
    send: ({ method, url, headers, body, sent }) =>
      new Promise((resolve, reject) => {
        const isSecure = url.protocol === "https:";
        const length = body === undefined ? {} : { "content-length": String(body.length) };
        const request = (isSecure ? requestHttps : requestHttp)(url, {
          method,
          headers: { ...headers, ...length, "user-agent": "hadron" },
          agent: isSecure ? secure : plain,
          ...(signal === undefined ? {} : { signal }),
        });
        request.setTimeout(idleSeconds * 1000, () => request.destroy(new Error(`no byte for ${idleSeconds} s`)));
        request.on("error", reject);
        request.on("response", (answer) => {
          // Who answers before it has read the request leaves the rest of it in the way of the next one.
          if (!request.writableEnded) answer.once("end", () => request.destroy());
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: answer });
        });
        if (body === undefined) request.end();
        else pipeline(Readable.from(slices(body, sent)), request).catch(reject);
      }),
    [Symbol.dispose]: () => {
      plain.destroy();
      secure.destroy();
    },
  };
}

const sliceBytes = 256 << 10;

function* slices(body: Buffer, sent: ((bytes: number) => void) | undefined): Generator<Buffer> {
  for (let at = 0; at < body.length; at += sliceBytes) {
    const slice = body.subarray(at, at + sliceBytes);
    yield slice;
    sent?.(slice.length);
  }
}

/** All of a body that may have so many bytes; `undefined` where it has more. */
export async function readLimited({ body, headers }: Answer, most: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = Number(headers["content-length"] ?? 0);
  if (length <= most) {
    length = 0;
    for await (const chunk of body as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > most) break;
      chunks.push(chunk);
    }
  }
  if (length <= most) return Buffer.concat(chunks);
  body.destroy();
  return undefined;
}
