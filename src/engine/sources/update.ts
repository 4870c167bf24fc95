import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Emit, HadronError, type Sha256, silent } from "../../base/mod.ts";
import { compareDebianVersions } from "../../formats/mod.ts";
import { fetchArchiveIndex } from "../archive-index.ts";
import { debianFile } from "../debian-mirror.ts";
import { download } from "../download.ts";
import { blobPath, hasBlob, writeRecord } from "./blob.ts";
import { type DebianOrig, packageOfPlace, parseSourcesIndex } from "./debian-sources.ts";
import { type Hosts, rememberHosts } from "./hosts.ts";
import { type SourceCandidate, type SourceEntry, type SourceLock, sourceEntry, sourceNames } from "./lock.ts";
import { mirrorsOf, type PlaceOptions } from "./places.ts";
import { upstreamUrl } from "./upstream-url.ts";

export interface UpdateSourcesOptions extends Omit<PlaceOptions, "from"> {
  lock: SourceLock;
  cacheRoot: string;
  /** By default all in the lock. */
  names?: readonly string[] | undefined;
  /** Debian suites to look in. */
  suites?: readonly string[] | undefined;
  /** Of the archive; default: Debian's. */
  keyring?: string | undefined;
  emit?: Emit | undefined;
  signal?: AbortSignal | undefined;
  hosts?: Hosts | undefined;
}

/** One line of the lock's diff. */
export interface SourceChange {
  name: string;
  from: { version: string; sha256: Sha256 };
  to: { version: string; sha256: Sha256; origin: SourceCandidate["origin"] };
}

interface Search extends UpdateSourcesOptions {
  emit: Emit;
  hosts: Hosts;
  mirrors: readonly string[];
  directory: string;
}

/**
 * Looks in Debian's source indexes for newer versions within each source's series, fetches and checks them, and returns the
 * lock as it would be; nothing is written but blobs. A file that the index names and the mirror lacks is passed over for the
 * next older one, with a warning. What the digests rest on is the archive's signature; upstream's own isn't looked at.
 * @throws HadronError `SOURCE_UNKNOWN`, `SOURCE_UNREACHABLE`, and what {@link fetchArchiveIndex} and `download` throw.
 */
export async function updateSources(
  options: UpdateSourcesOptions,
): Promise<{ lock: SourceLock; changes: SourceChange[] }> {
  const { lock, emit = silent, hosts = rememberHosts(), suites = ["trixie", "forky", "sid"] } = options;
  const names = [...(options.names ?? sourceNames(lock))];
  const packages = new Map(names.map((name) => [name, debianPackage(sourceEntry(name, lock))]));
  const mirrors = mirrorsOf(options);
  const directory = await mkdtemp(join(tmpdir(), "hadron-sources-"));
  try {
    const search: Search = { ...options, emit, hosts, mirrors, directory };
    const wanted = new Set([...packages.values()].filter((name) => name !== undefined));
    const offered = new Map<string, DebianOrig[]>();
    for (const suite of suites) {
      const path = "main/source/Sources.gz";
      const { keyring, signal } = options;
      const text = await fetchArchiveIndex({ mirrors, suite, path, directory, keyring, emit, signal });
      for (const [name, origs] of parseSourcesIndex(text, wanted)) {
        const known = offered.get(name) ?? [];
        offered.set(name, [...known, ...origs.filter(({ sha256 }) => !known.some((other) => other.sha256 === sha256))]);
      }
    }
    const sources = { ...lock.sources };
    const changes: SourceChange[] = [];
    for (const name of names) {
      const entry = sourceEntry(name, lock);
      const newer = await newerEntry(name, entry, offered.get(packages.get(name) ?? "") ?? [], search);
      const [before, after] = [entry.candidates[0], newer?.candidates[0]];
      if (newer === undefined || before === undefined || after === undefined) continue;
      sources[name] = newer;
      changes.push({
        name,
        from: { version: entry.version, sha256: before.sha256 },
        to: { version: newer.version, sha256: after.sha256, origin: after.origin },
      });
    }
    return { lock: { ...lock, sources }, changes };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** `linux: 6.12.107 → 6.12.111 (debian-repack, sha256 …)` */
export function formatSourceChange({ name, from, to }: SourceChange): string {
  return `${name}: ${from.version} → ${to.version} (${to.origin}, sha256 ${to.sha256})`;
}

function debianPackage(entry: SourceEntry): string | undefined {
  return entry.candidates
    .flatMap(({ places }) => places)
    .map(packageOfPlace)
    .find((name) => name !== undefined);
}

async function newerEntry(
  name: string,
  entry: SourceEntry,
  offered: readonly DebianOrig[],
  search: Search,
): Promise<SourceEntry | undefined> {
  const { series } = entry;
  const newer = offered
    .filter(({ version }) => isRelease(version) && compareDebianVersions(version, entry.version) > 0)
    .filter(({ version }) => series === undefined || version === series || version.startsWith(`${series}.`))
    .sort((a, b) => compareDebianVersions(b.version, a.version) || (a.isRepack ? 1 : 0) - (b.isRepack ? 1 : 0));
  for (const orig of newer) {
    if (!(await fetchOrig(name, orig, search))) continue;
    return { ...entry, version: orig.version, candidates: [await newCandidate(name, entry, orig, search)] };
  }
  return undefined;
}

/** Neither a candidate (`262~rc1`) nor a snapshot by date (`2.47.50.20261021`). */
function isRelease(version: string): boolean {
  return !version.includes("~") && !/[.+]20\d{6}/.test(version);
}

/** False when no mirror has the file. */
async function fetchOrig(name: string, orig: DebianOrig, search: Search): Promise<boolean> {
  const { cacheRoot, mirrors, emit } = search;
  const { sha256, size, version } = orig;
  const candidate: SourceCandidate = { origin: "debian-repack", sha256, size, places: [orig.place] };
  if (hasBlob(cacheRoot, candidate)) return true;
  for (const mirror of mirrors) {
    const url = debianFile(mirror, orig.place.slice("debian:".length));
    try {
      await download({ url, to: blobPath(cacheRoot, sha256), sha256, size, name, emit, ...signalOf(search) });
      await writeRecord(cacheRoot, sha256, { name, version, origin: "debian-repack", place: url });
      return true;
    } catch (error) {
      if (!(error instanceof HadronError) || error.code !== "DOWNLOAD_NOT_FOUND") throw error;
    }
  }
  const message = `Debian's index names "${name}" ${version}, but no mirror has its file`;
  emit({ type: "warning", code: "SOURCE_UNREACHABLE", message });
  return false;
}

/** Compares Debian's file with upstream's where upstream can be asked; else what held for the version before is taken to hold. */
async function newCandidate(
  name: string,
  entry: SourceEntry,
  orig: DebianOrig,
  search: Search,
): Promise<SourceCandidate> {
  const { sha256, size, place } = orig;
  const repack: SourceCandidate = { origin: "debian-repack", sha256, size, places: [place] };
  const url = upstreamUrl(entry, orig.version);
  if (orig.isRepack || url === undefined) return repack;
  const warn = (why: string): void =>
    search.emit({
      type: "warning",
      code: "SOURCE_NOT_COMPARED",
      message: `"${name}" ${orig.version}: ${why} (${url})`,
    });
  const upstream: SourceCandidate = { origin: "upstream", sha256, size, places: [url, place] };
  const unreachable = await search.hosts.whyUnreachable(url, 3);
  if (unreachable !== undefined) {
    warn(`taken as upstream's own file without comparing it: ${unreachable}`);
    return upstream;
  }
  try {
    await download({
      url,
      to: join(search.directory, sha256),
      sha256,
      size,
      name,
      emit: search.emit,
      ...signalOf(search),
    });
    return upstream;
  } catch (error) {
    if (!(error instanceof HadronError) || error.kind !== "source") throw error;
    warn(`not upstream's own file, or not to be found there: ${error.message}`);
    return repack;
  }
}

function signalOf({ signal }: UpdateSourcesOptions): { signal?: AbortSignal } {
  return signal ? { signal } : {};
}
