import { HadronError } from "../../base/mod.ts";

/** Where a manifest is: `registry/repository[:tag][@digest]`. */
export interface Reference {
  /** Host and port, as they were named. */
  registry: string;
  repository: string;
  tag?: string;
  /** `sha256:<hex>`. */
  digest?: string;
}

const longestText = 1024;
const host = /^(?:\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::\d{1,5})?$/i;
// OCI distribution specification 1.1, "Pulling manifests".
const repositoryPattern = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const tagPattern = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;
const digestPattern = /^sha256:[0-9a-f]{64}$/;
/** What Docker calls its own registry, and the host that answers for it. */
const dockerHub = { names: ["docker.io", "index.docker.io"], host: "registry-1.docker.io" };

/**
 * Reads a reference; `oci://` may stand before it. The registry is never guessed: it has a dot, a port, or is `localhost`.
 * Without tag and digest it means the tag `latest`.
 * @throws HadronError `REFERENCE_INVALID`
 */
export function parseReference(text: string): Reference {
  const whole = text.replace(/^oci:\/\//, "");
  const slash = whole.indexOf("/");
  if (text.length > longestText || slash < 1) throw invalid(text, "it has no registry");
  const registry = whole.slice(0, slash);
  if (!host.test(registry) || !/[.:]|^localhost$/.test(registry)) throw invalid(text, `"${registry}" is no registry`);
  const [named = "", digest, ...more] = whole.slice(slash + 1).split("@");
  const [repository = "", tag, ...others] = named.split(":");
  if (!repositoryPattern.test(repository)) throw invalid(text, `"${repository}" is no name of a repository`);
  if (others.length > 0 || (tag !== undefined && !tagPattern.test(tag))) throw invalid(text, "its tag is none");
  if (more.length > 0 || (digest !== undefined && !digestPattern.test(digest)))
    throw invalid(text, "its digest is no SHA-256");
  const shown = { ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) };
  const isBare = tag === undefined && digest === undefined;
  return { registry, repository: wholeName(registry, repository), ...(isBare ? { tag: "latest" } : shown) };
}

export function formatReference({ registry, repository, tag, digest }: Reference): string {
  return `${registry}/${repository}${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${digest}`}`;
}

/** Enough of a digest to tell blobs from each other on a screen. */
export function shortDigest(digest: string): string {
  return digest.slice(0, 19);
}

/** The host and port that are asked. */
export function apiHost({ registry }: Pick<Reference, "registry">): string {
  return dockerHub.names.includes(registry) ? dockerHub.host : registry;
}

/** Under what name Docker's configuration keeps the credentials. */
export function credentialName({ registry }: Pick<Reference, "registry">): string {
  return dockerHub.names.includes(registry) ? "https://index.docker.io/v1/" : registry;
}

/** Docker's own images lie below `library/`. */
function wholeName(registry: string, repository: string): string {
  return dockerHub.names.includes(registry) && !repository.includes("/") ? `library/${repository}` : repository;
}

function invalid(text: string, why: string): HadronError {
  return new HadronError(`"${text.slice(0, 200)}" is no reference to a registry: ${why}`, {
    kind: "usage",
    code: "REFERENCE_INVALID",
    hint: "Write HOST/NAME, HOST/NAME:TAG or HOST/NAME@sha256:…; names are lower-case",
  });
}
