import { HadronError } from "../../base/mod.ts";
import { type Challenge, parseChallenges } from "./challenge.ts";
import type { Credentials } from "./credentials.ts";
import { failureOf, registryFailure, unreachable } from "./failures.ts";
import { type Answer, type Exchange, readLimited } from "./http.ts";

/** How one repository is asked: the `Authorization` of its requests, and what is done when it doesn't suffice. */
export interface Authorization {
  /** `undefined` as long as the registry asked for nothing. */
  header(): Promise<string | undefined>;
  /**
   * Answers a 401: gets a token, or the credentials. Of requests that fail together only the first one does.
   * @param used The header of the request that was refused
   */
  renew(challenge: string, used: string | undefined): Promise<void>;
}

export interface AuthorizationOptions {
  repository: string;
  actions: "pull" | "pull,push";
  credentials: () => Promise<Credentials | undefined>;
  send: (exchange: Exchange) => Promise<Answer>;
  /** @throws HadronError for an address that may not be asked in the clear */
  admit: (url: URL) => void;
}

const tokenBytes = 1 << 20;

/** The token protocol of Docker's registry ("Token Authentication Specification"), and HTTP's Basic. */
export function openAuthorization(options: AuthorizationOptions): Authorization {
  let known: string | undefined;
  // What is remembered is a success alone: who tries again after a failure asks again.
  let underWay: Promise<void> | undefined;
  return {
    header: async () => {
      await underWay;
      return known;
    },
    renew: async (challenge, used) => {
      if (underWay === undefined && known === used)
        underWay = obtain(parseChallenges(challenge), options)
          .then((header) => {
            known = header;
          })
          .finally(() => {
            underWay = undefined;
          });
      await underWay;
    },
  };
}

async function obtain(challenges: Challenge[], options: AuthorizationOptions): Promise<string> {
  const credentials = await options.credentials();
  const bearer = challenges.find(({ scheme }) => scheme === "bearer");
  if (bearer) return `Bearer ${await fetchToken(bearer, credentials, options)}`;
  const isBasic = challenges.some(({ scheme }) => scheme === "basic");
  if (isBasic && credentials && "user" in credentials) return basic(credentials);
  const why = isBasic ? "the registry asks who you are" : "the registry asks for an authorization of a kind not known";
  throw registryFailure("REGISTRY_UNAUTHORIZED", doing(options), why);
}

function basic({ user, password }: { user: string; password: string }): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}

function doing({ repository }: AuthorizationOptions): string {
  return `log in for "${repository}"`;
}

async function fetchToken(
  { parameters }: Challenge,
  credentials: Credentials | undefined,
  options: AuthorizationOptions,
): Promise<string> {
  const { actions, repository, send, admit } = options;
  const realm = URL.parse(parameters.realm ?? "");
  if (realm === null || !/^https?:$/.test(realm.protocol))
    throw registryFailure("REGISTRY_INVALID", doing(options), "the registry names no place to get a token from");
  admit(realm);
  const asked = new URLSearchParams({
    ...(parameters.service === undefined ? {} : { service: parameters.service }),
    scope: `repository:${repository}:${actions}`,
  });
  const exchange = exchangeFor(realm, asked, credentials);
  const answer = await send(exchange).catch((error: unknown) => {
    throw error instanceof HadronError ? error : unreachable(error, doing(options), realm);
  });
  // Not as if it were the repository that is not there.
  if (answer.status === 404) throw registryFailure("REGISTRY_INVALID", doing(options), `${realm.host} gives no tokens`);
  if (answer.status !== 200) throw await failureOf(answer, doing(options), realm);
  const bytes = await readLimited(answer, tokenBytes).catch((error: unknown) => {
    throw unreachable(error, doing(options), realm);
  });
  const token = tokenIn(bytes);
  if (token !== undefined) return token;
  throw registryFailure("REGISTRY_INVALID", doing(options), `${realm.host} gave no token`);
}

function exchangeFor(realm: URL, asked: URLSearchParams, credentials: Credentials | undefined): Exchange {
  if (credentials && "identityToken" in credentials) {
    for (const [name, value] of Object.entries({
      grant_type: "refresh_token",
      refresh_token: credentials.identityToken,
      client_id: "hadron",
    }))
      asked.set(name, value);
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    return { method: "POST", url: realm, headers, body: Buffer.from(asked.toString()) };
  }
  const url = new URL(realm);
  for (const [name, value] of asked) url.searchParams.set(name, value);
  return { method: "GET", url, headers: credentials ? { authorization: basic(credentials) } : {} };
}

/** A token goes into a header: what could end one there is no token. */
function tokenIn(bytes: Buffer | undefined): string | undefined {
  try {
    const { token, access_token } = JSON.parse(String(bytes)) as Record<string, unknown>;
    const found = token ?? access_token;
    return typeof found === "string" && /^[\x21-\x7e]+$/.test(found) ? found : undefined;
  } catch {
    return undefined;
  }
}
