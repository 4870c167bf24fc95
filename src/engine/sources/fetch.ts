import { existsSync } from "node:fs";
import { type Emit, HadronError, messageOf, programName, type Sha256, silent } from "../../base/mod.ts";
import { download } from "../download.ts";
import { blobPath, writeRecord } from "./blob.ts";
import { allowedCandidates, type CandidateOptions, chooseCandidate } from "./candidate.ts";
import { type Hosts, rememberHosts } from "./hosts.ts";
import { lockPosition, type SourceCandidate, sourceEntry } from "./lock.ts";
import { type Place, type PlaceOptions, placesOf } from "./places.ts";

export interface SourceOptions extends CandidateOptions, PlaceOptions {
  emit?: Emit | undefined;
  /** Only the store and directories of this machine. */
  offline?: boolean | undefined;
  signal?: AbortSignal | undefined;
  /** What is known of the network; by default one memory for the process. */
  hosts?: Hosts | undefined;
}

export interface FetchedSource {
  path: string;
  sha256: Sha256;
  origin: SourceCandidate["origin"];
  version: string;
}

interface Refusal {
  place: string;
  code: "UNREACHABLE" | "TRUNCATED" | "DIGEST";
  why: string;
}

/** Downloads at once. */
export const parallelFetches = 4;
const hostsOfProcess = rememberHosts();
/** By the blob's path: two steps that want one source at the same time share one download. */
const underWay = new Map<string, Promise<FetchedSource>>();

/**
 * The source as a file in the store. What the store has, of whichever candidate, is used; else each candidate's places are
 * tried in turn: the user's directory or mirror, upstream, the Debian mirrors.
 * @throws HadronError `SOURCE_UNKNOWN`, `SOURCE_REPACK_REFUSED`, `SOURCE_OFFLINE`, `SOURCE_UNREACHABLE`, `SOURCE_TRUNCATED`,
 * `SOURCE_DIGEST` (some place gave other bytes, and no place the right ones); the message lists every place and why.
 */
export async function ensureSource(name: string, options: SourceOptions): Promise<FetchedSource> {
  const { path, sha256, origin, version, present } = chooseCandidate(name, options);
  if (present) return { path, sha256, origin, version };
  const running = underWay.get(path);
  if (running) return running;
  const { emit, fail } = oneFetch(name, options.emit ?? silent);
  const fetching = fetchAny(name, { ...options, emit })
    .catch(fail)
    .finally(() => underWay.delete(path));
  underWay.set(path, fetching);
  return fetching;
}

/** All of them, a few at a time. One that fails doesn't stop the others; what failed is thrown at the end. */
export async function fetchSources(
  names: readonly string[],
  options: SourceOptions,
): Promise<Map<string, FetchedSource>> {
  const queue = [...new Set(names)].sort();
  const fetched = new Map<string, FetchedSource>();
  const failures = new Map<string, unknown>();
  const worker = async (): Promise<void> => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
      try {
        fetched.set(name, await ensureSource(name, options));
      } catch (error) {
        if (!isOfOneSource(error)) queue.length = 0;
        failures.set(name, error);
      }
    }
  };
  await Promise.all(Array.from({ length: parallelFetches }, worker));
  throwSourceErrors([...failures].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, error]) => error));
  return fetched;
}

/** One of what can't be had is thrown as it is, several as one. @throws HadronError */
export function throwSourceErrors(errors: readonly unknown[]): void {
  const grave = errors.find((error) => !isOfOneSource(error));
  if (grave !== undefined) throw grave;
  const [first] = errors;
  if (!(first instanceof HadronError)) return;
  if (errors.length === 1) throw first;
  throw new HadronError(`Could not get ${errors.length} sources:\n${errors.map(messageOf).join("\n")}`, {
    kind: first.kind,
    code: first.code,
    ...(first.at === undefined ? {} : { at: first.at }),
    hint: first.hint,
    cause: new AggregateError(errors),
  });
}

/** A full disk, an interruption or a defect concerns all sources; these concern one. */
function isOfOneSource(error: unknown): boolean {
  return error instanceof HadronError && error.code.startsWith("SOURCE_");
}

async function fetchAny(name: string, options: SourceOptions & { emit: Emit }): Promise<FetchedSource> {
  const { version } = sourceEntry(name, options.lock);
  const refusals: Refusal[] = [];
  const { emit } = options;
  for (const candidate of allowedCandidates(name, options)) {
    const { origin, sha256 } = candidate;
    const to = blobPath(options.cacheRoot, sha256);
    for (const place of placesOf(candidate, name, version, options)) {
      const refusal = await tryPlace(place, candidate, options, { name, to });
      if (refusal === undefined) {
        for (const { place: label, code, why } of refusals)
          if (code !== "UNREACHABLE") emit({ type: "warning", code: `SOURCE_${code}`, message: `${label}: ${why}` });
        await writeRecord(options.cacheRoot, sha256, { name, version, origin, place: place.label });
        return { path: to, sha256, origin, version };
      }
      refusals.push(refusal);
    }
  }
  throw failure(name, version, refusals, options.offline === true);
}

/** Undefined when the blob is in the store. */
async function tryPlace(
  place: Place,
  { sha256, size }: SourceCandidate,
  options: SourceOptions & { emit: Emit },
  { name, to }: { name: string; to: string },
): Promise<Refusal | undefined> {
  const { hosts = hostsOfProcess, emit, offline, signal } = options;
  const refuse = (why: string, code: Refusal["code"] = "UNREACHABLE"): Refusal => ({ place: place.label, code, why });
  const { url } = place;
  if (url === undefined) return refuse(place.problem ?? "no such place");
  if (place.isLocal && !existsSync(url)) return refuse("no such file");
  if (!place.isLocal) {
    if (offline) return refuse("not asked: offline");
    const unreachable = await hosts.whyUnreachable(url, place.patience);
    if (unreachable !== undefined) return refuse(unreachable);
  }
  try {
    await download({ url, to, sha256, size, name, emit, ...(signal ? { signal } : {}) });
    return undefined;
  } catch (error) {
    if (!(error instanceof HadronError) || error.kind !== "source") throw error;
    if (error.code === "DOWNLOAD_DIGEST") return refuse(error.message, "DIGEST");
    if (error.code === "DOWNLOAD_TRUNCATED") return refuse(error.message, "TRUNCATED");
    // A cause means that the network failed, not that the server answered with a status.
    if (error.code === "DOWNLOAD_UNREACHABLE" && error.cause !== undefined) hosts.markUnreachable(url, error.message);
    return refuse(error.message);
  }
}

function failure(name: string, version: string, refusals: Refusal[], offline: boolean): HadronError {
  const has = (code: Refusal["code"]): boolean => refusals.some((refusal) => refusal.code === code);
  const kind = has("DIGEST") ? "DIGEST" : has("TRUNCATED") ? "TRUNCATED" : offline ? "OFFLINE" : "UNREACHABLE";
  const hint = {
    DIGEST: "Some place gives other bytes than the lock pins: name a mirror that you trust with --mirror or --from",
    TRUNCATED: "Run the command again: the download goes on where it broke off",
    OFFLINE: `Fetch it once with a network: ${programName()} sources fetch ${name}`,
    UNREACHABLE:
      "Check the network, or name a Debian mirror (--mirror, HADRON_DEBIAN_MIRROR) or a directory with the files (--from, HADRON_SOURCES)",
  }[kind];
  const list = refusals.map(({ place, why }) => `\n  ${place}: ${why}`).join("");
  return new HadronError(`Could not get the source "${name}" ${version}; tried:${list}`, {
    kind: "source",
    code: `SOURCE_${kind}`,
    at: lockPosition(name),
    hint,
  });
}

/** For the user it is one fetch, however many places it takes: it begins once, and fails when all have failed. */
function oneFetch(name: string, emit: Emit): { emit: Emit; fail: (error: unknown) => never } {
  let isStarted = false;
  return {
    emit: (event) => {
      if (event.type === "fetch-failed" || (event.type === "fetch-start" && isStarted)) return;
      isStarted ||= event.type === "fetch-start";
      emit(event);
    },
    fail: (error) => {
      if (isStarted) emit({ type: "fetch-failed", name });
      throw error;
    },
  };
}
