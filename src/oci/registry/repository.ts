import { type Emit, silent } from "../../base/mod.ts";
import { openAuthorization } from "./authorization.ts";
import { findCredentials } from "./credentials.ts";
import { failureOf, placeOf, registryFailure, unreachable } from "./failures.ts";
import { type Answer, type Exchange, openConnections, readLimited } from "./http.ts";
import { mayPass, type Patience, retrying } from "./patience.ts";
import { apiHost, credentialName, type Reference } from "./reference.ts";

export interface RegistryOptions {
  /** Holds the proxy's variables, `DOCKER_CONFIG`, and what credential helpers want. */
  environment: NodeJS.ProcessEnv;
  /** Registries (host and port, as in references) that are spoken to without TLS; no other host ever is. */
  plainHttp?: readonly string[];
  /** Certificates (PEM) to trust as well. */
  ca?: string | undefined;
  emit?: Emit;
  signal?: AbortSignal | undefined;
  patience?: Partial<Omit<Patience, "signal">>;
  /** Seconds without a byte after which the registry is given up. */
  idleSeconds?: number;
  /** Bytes that are sent in one request. */
  chunkBytes?: number;
}

export interface Ask {
  method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH";
  /** Below `/v2/<repository>/`, or an address that the registry gave. */
  to: string | URL;
  headers?: Record<string, string>;
  body?: Buffer;
  sent?: (bytes: number) => void;
  /** Statuses that are an answer, and no failure. */
  expect: readonly number[];
  /** For messages: `pull the manifest of …`. */
  doing: string;
}

export interface Replied extends Answer {
  /** Where the answer came from, after redirects. */
  url: URL;
}

/** One repository of a registry, for one command. */
export interface Repository extends Disposable {
  readonly reference: Reference;
  readonly emit: Emit;
  readonly signal: AbortSignal | undefined;
  readonly patience: Patience;
  readonly chunkBytes: number;
  /** Asks once; logs in and follows redirects on the way. @throws HadronError of kind `source` */
  askOnce(ask: Ask): Promise<Replied>;
  /** Asks again where the failure may pass. */
  ask(ask: Ask): Promise<Replied>;
  /** The same with all of the answer's body; undefined where it has more bytes than that. */
  read(ask: Ask, most: number): Promise<{ answer: Replied; bytes: Buffer | undefined }>;
}

const mostRedirects = 5;
const mostRenewals = 2;

export function openRepository(reference: Reference, access: "pull" | "push", options: RegistryOptions): Repository {
  const { environment, plainHttp = [], ca, emit = silent, signal, idleSeconds = 60, chunkBytes = 8 << 20 } = options;
  const home = new URL(`${plainHttp.includes(reference.registry) ? "http" : "https"}://${apiHost(reference)}`);
  const connections = openConnections({ environment, ca, signal, idleSeconds });
  const admit = (url: URL): void => {
    const isAllowed = url.protocol === "http:" && (plainHttp.includes(url.host) || url.origin === home.origin);
    if (url.protocol === "https:" || isAllowed) return;
    throw registryFailure("REGISTRY_REDIRECT", `go on to ${url.protocol}//${url.host}`, "it is not secured by TLS", {
      at: placeOf(home),
      hint: `Ask who runs the registry, or allow it with --plain-http ${url.host}`,
    });
  };
  const send = (exchange: Exchange): Promise<Answer> => {
    signal?.throwIfAborted();
    return connections.send(exchange);
  };
  const authorization = openAuthorization({
    repository: reference.repository,
    actions: access === "push" ? "pull,push" : "pull",
    credentials: () => findCredentials(credentialName(reference), environment),
    send,
    admit,
  });

  const askOnce = async (ask: Ask): Promise<Replied> => {
    let url = new URL(typeof ask.to === "string" ? `/v2/${reference.repository}/${ask.to}` : ask.to, home);
    let renewals = 0;
    let redirects = 0;
    for (;;) {
      admit(url);
      // Credentials in an address, or for another host, are for nobody.
      url.username = "";
      url.password = "";
      const isHome = url.origin === home.origin;
      const header = isHome ? await authorization.header() : undefined;
      const answer = await send({
        method: ask.method,
        url,
        headers: { "accept-encoding": "identity", ...ask.headers, ...(header ? { authorization: header } : {}) },
        ...(ask.body === undefined ? {} : { body: ask.body }),
        ...(ask.sent === undefined ? {} : { sent: ask.sent }),
      }).catch((error: unknown) => {
        signal?.throwIfAborted();
        throw unreachable(error, ask.doing, url);
      });
      const challenge = answer.headers["www-authenticate"];
      if (answer.status === 401 && isHome && challenge !== undefined && renewals < mostRenewals) {
        renewals += 1;
        drain(answer);
        await authorization.renew(challenge, header);
        continue;
      }
      const next = redirectOf(answer, ask.method, url);
      if (next !== undefined) {
        redirects += 1;
        drain(answer);
        if (redirects > mostRedirects)
          throw registryFailure("REGISTRY_REDIRECT", ask.doing, "the registry redirects without an end", {
            at: placeOf(url),
          });
        url = next;
        continue;
      }
      if (ask.expect.includes(answer.status)) return { ...answer, url };
      throw await failureOf(answer, ask.doing, url);
    }
  };
  const patience = { attempts: 6, firstPause: 500, ...options.patience, signal };
  return {
    ...{ reference, emit, signal, patience, chunkBytes, askOnce },
    ask: (ask) => retrying(() => askOnce(ask), patience),
    read: (ask, most) =>
      retrying(async () => {
        const answer = await askOnce(ask);
        const bytes = await readLimited(answer, most).catch((cause: unknown) => {
          signal?.throwIfAborted();
          const at = placeOf(answer.url);
          throw mayPass(registryFailure("REGISTRY_TRUNCATED", ask.doing, "the answer broke off", { at, cause }));
        });
        return { answer, bytes };
      }, patience),
    [Symbol.dispose]: () => connections[Symbol.dispose](),
  };
}

/** Makes room for the next request on the connection. */
export function drain({ body }: Answer): void {
  // Nobody waits for the rest, so nobody minds how it ends.
  body.on("error", () => {}).resume();
}

/** Where a `Location` leads. */
export function locationOf({ headers }: Answer, from: URL): URL | undefined {
  return (headers.location === undefined ? undefined : URL.parse(headers.location, from.href)) ?? undefined;
}

/** A request that changes something is sent again only where the registry says that it may be (RFC 9110, 15.4). */
function redirectOf(answer: Answer, method: string, url: URL): URL | undefined {
  const isReading = method === "GET" || method === "HEAD";
  const statuses = isReading ? [301, 302, 303, 307, 308] : [307, 308];
  return statuses.includes(answer.status) ? locationOf(answer, url) : undefined;
}
