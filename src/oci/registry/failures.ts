import { HadronError, type HadronErrorFields, networkReason } from "../../base/mod.ts";
import { type Answer, readLimited } from "./http.ts";
import { longestPause, mayPass, retryAfter } from "./patience.ts";

type Code =
  | "REGISTRY_UNREACHABLE"
  | "REGISTRY_UNTRUSTED"
  | "REGISTRY_UNAUTHORIZED"
  | "REGISTRY_DENIED"
  | "REGISTRY_NOT_FOUND"
  | "REGISTRY_BUSY"
  | "REGISTRY_FAILED"
  | "REGISTRY_REFUSED"
  | "REGISTRY_REDIRECT"
  | "REGISTRY_INVALID"
  | "REGISTRY_TRUNCATED"
  | "REGISTRY_DIGEST";

const hints: Record<Code, string> = {
  REGISTRY_UNREACHABLE: "Check the address, the network and the proxy settings, and run the command again",
  REGISTRY_UNTRUSTED: "Name the certificate of its authority with --ca FILE",
  REGISTRY_UNAUTHORIZED: "Log in with docker login, or mend the credential helper",
  REGISTRY_DENIED: "This user may not do that there: ask who runs the registry",
  REGISTRY_NOT_FOUND: "Check the name and the tag; some registries say this to who is not logged in as well",
  REGISTRY_BUSY: "Run the command again later: it goes on with what is missing",
  REGISTRY_FAILED: "Run the command again later: it goes on with what is missing",
  REGISTRY_REFUSED: "What the registry said is in the message",
  REGISTRY_REDIRECT: "Ask who runs the registry",
  REGISTRY_INVALID: "This is no OCI registry, or a proxy on the way answers instead of it",
  REGISTRY_TRUNCATED: "Run the command again: it goes on where it broke off",
  REGISTRY_DIGEST: "The registry or a proxy on the way gives something else than was asked for: nothing of it is kept",
};

/** @param doing What was being done, as a verb's first form: `pull the manifest of …` */
export function registryFailure(
  code: Code,
  doing: string,
  why: string,
  fields: Partial<Pick<HadronErrorFields, "at" | "cause" | "hint">> = {},
): HadronError {
  return new HadronError(`Could not ${doing}: ${why}`, { kind: "source", code, hint: hints[code], ...fields });
}

const byStatus: Record<number, Code> = {
  401: "REGISTRY_UNAUTHORIZED",
  403: "REGISTRY_DENIED",
  404: "REGISTRY_NOT_FOUND",
  408: "REGISTRY_FAILED",
  429: "REGISTRY_BUSY",
};

/** The failure that an answer's status stands for, with what the registry said of it. Reads the body. */
export async function failureOf(answer: Answer, doing: string, url: URL): Promise<HadronError> {
  const { status } = answer;
  const code = byStatus[status] ?? (status >= 500 ? "REGISTRY_FAILED" : "REGISTRY_REFUSED");
  const pause = retryAfter(answer.headers["retry-after"]);
  const said = await saidIn(answer);
  const wait = pause > longestPause ? `, and asks to wait ${pause} s` : "";
  const error = registryFailure(code, doing, `the registry answered ${status}${said}${wait}`, { at: placeOf(url) });
  return code === "REGISTRY_BUSY" || code === "REGISTRY_FAILED" ? mayPass(error, pause) : error;
}

/** The failure of a request that got no answer. */
export function unreachable(error: unknown, doing: string, url: URL): HadronError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const at = placeOf(url);
  if (/^ERR_SSL_(WRONG_VERSION|PACKET_LENGTH)|^EPROTO$/.test(code))
    return registryFailure("REGISTRY_UNREACHABLE", doing, `${url.host} does not speak TLS`, {
      at,
      cause: error,
      hint: `For plain HTTP, which anyone on the way can read and change: --plain-http ${url.host}`,
    });
  if (/CERT|_SIGNATURE|SELF_SIGNED|ERR_TLS/.test(code))
    return registryFailure("REGISTRY_UNTRUSTED", doing, networkReason(error), { at, cause: error });
  return mayPass(registryFailure("REGISTRY_UNREACHABLE", doing, networkReason(error), { at, cause: error }));
}

/** Without the query, which may hold a signature. */
export function placeOf(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

/** OCI distribution specification 1.1, "Error codes": `{"errors": [{"code", "message"}]}`. */
async function saidIn(answer: Answer): Promise<string> {
  const bytes = await readLimited(answer, 64 << 10).catch(() => undefined);
  try {
    const { errors } = JSON.parse(String(bytes)) as { errors?: { code?: unknown; message?: unknown }[] };
    const [first] = errors ?? [];
    const text = [first?.code, first?.message].filter((part) => typeof part === "string").join(", ");
    return text === "" ? "" : ` (${printable(text)})`;
  } catch {
    return "";
  }
}

function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]+/g, " ").slice(0, 200);
}
