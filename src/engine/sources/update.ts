import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { canonicalJson, type Emit, HadronError, type Sha256, silent } from "../../base/mod.ts";
import { compareDebianVersions } from "../../formats/mod.ts";
import { fetchArchiveIndex } from "../archive-index.ts";
import { download } from "../download.ts";
import { blobPath, hasBlob, writeRecord } from "./blob.ts";
import { type DebianOrig, mergeOrigs, packageOfPlace, parseSourcesIndex } from "./debian-sources.ts";
import { describeSignature } from "./describe-signature.ts";
import { throwSourceErrors } from "./fetch.ts";
import { type Hosts, rememberHosts } from "./hosts.ts";
import { type SourceCandidate, type SourceEntry, type SourceLock, sourceEntry, sourceNames } from "./lock.ts";
import { fetchFromMirrors } from "./mirror-file.ts";
import { mirrorsOf, type PlaceOptions } from "./places.ts";
import { type SignatureFile, signatureFolder } from "./signature-files.ts";
import { signEntry } from "./upstream-signature.ts";
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
  /** Trusts the mirror where this machine can't check the archive's signature. */
  allowUnsigned?: boolean | undefined;
  /** Looks for no newer versions: checks the signatures of all that are pinned. */
  signaturesOnly?: boolean | undefined;
  /** Fingerprints of keys that may sign although others did so far. */
  acceptKeys?: readonly string[] | undefined;
  /** Takes what has no good signature although the version before had one. */
  acceptUnsigned?: boolean | undefined;
  /** Where signatures and keys are kept; default: {@link signatureFolder}. */
  folder?: string | undefined;
  emit?: Emit | undefined;
  signal?: AbortSignal | undefined;
  hosts?: Hosts | undefined;
}

/** One line of the lock's diff. */
export interface SourceChange {
  name: string;
  from: { version: string; sha256: Sha256 };
  to: { version: string; sha256: Sha256; origin: SourceCandidate["origin"] };
  /** Of the first candidate: `signed 2026-09-02 by FINGERPRINT (name)`, or `not signed: why`. */
  signature: string;
}

interface Search extends UpdateSourcesOptions {
  emit: Emit;
  hosts: Hosts;
  mirrors: readonly string[];
  directory: string;
  folder: string;
}

export interface UpdatedSources {
  lock: SourceLock;
  changes: SourceChange[];
  /** To be kept with the lock. */
  signatures: SignatureFile[];
}

/**
 * Looks in Debian's source indexes for newer versions within each source's series, fetches them, checks upstream's signatures, and
 * returns the lock as it would be; nothing is written but blobs. A file that the index names and the mirror lacks is passed over for
 * the next older one, with a warning. What is pinned already is checked where the lock doesn't say yet who signed it.
 * @throws HadronError `SOURCE_UNKNOWN`, `SOURCE_UNREACHABLE`, and what {@link fetchArchiveIndex}, {@link signEntry} and `download` throw.
 */
export async function updateSources(options: UpdateSourcesOptions): Promise<UpdatedSources> {
  const { lock, emit = silent, hosts = rememberHosts(), folder = signatureFolder } = options;
  const names = [...(options.names ?? sourceNames(lock))];
  const packages = new Map(names.map((name) => [name, debianPackage(sourceEntry(name, lock))]));
  const directory = await mkdtemp(join(tmpdir(), "hadron-sources-"));
  try {
    const search: Search = { ...options, emit, hosts, folder, mirrors: mirrorsOf(options), directory };
    const offered = await readIndexes(new Set([...packages.values()].filter((name) => name !== undefined)), search);
    const sources = { ...lock.sources };
    const changes: SourceChange[] = [];
    const signatures: SignatureFile[] = [];
    const failures: unknown[] = [];
    for (const name of names) {
      const entry = sourceEntry(name, lock);
      const origs = offered.get(packages.get(name) ?? "") ?? [];
      const newer = options.signaturesOnly ? undefined : await newerEntry(name, entry, origs, search);
      const isSilent = entry.candidates.some(({ signature }) => signature === undefined);
      if (newer === undefined && !isSilent && !options.signaturesOnly) continue;
      try {
        const signed = await signEntry(name, newer ?? entry, origs, search);
        signatures.push(...signed.files);
        if (canonicalJson(signed.entry) === canonicalJson(entry)) continue;
        sources[name] = signed.entry;
        changes.push(changeOf(name, entry, signed.entry));
      } catch (error) {
        failures.push(error);
      }
    }
    throwSourceErrors(failures);
    return { lock: { ...lock, sources }, changes, signatures };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function readIndexes(wanted: ReadonlySet<string>, search: Search): Promise<Map<string, DebianOrig[]>> {
  const offered = new Map<string, DebianOrig[]>();
  for (const suite of search.suites ?? ["trixie", "forky", "sid"]) {
    const text = await fetchArchiveIndex({ ...search, suite, path: "main/source/Sources.gz" });
    for (const [name, origs] of parseSourcesIndex(text, wanted))
      offered.set(name, mergeOrigs(offered.get(name) ?? [], origs));
  }
  return offered;
}

function changeOf(name: string, before: SourceEntry, after: SourceEntry): SourceChange {
  const [from, to] = [before.candidates[0], after.candidates[0]];
  return {
    name,
    from: { version: before.version, sha256: from?.sha256 ?? "" },
    to: { version: after.version, sha256: to?.sha256 ?? "", origin: to?.origin ?? "debian-repack" },
    signature: to === undefined ? "" : describeSignature(to, after),
  };
}

/** `linux: 6.12.107 → 6.12.111 (debian-repack, sha256 …), signed …` */
export function formatSourceChange({ name, from, to, signature }: SourceChange): string {
  if (from.sha256 === to.sha256) return `${name}: ${to.version}, ${signature}`;
  return `${name}: ${from.version} → ${to.version} (${to.origin}, sha256 ${to.sha256}), ${signature}`;
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
  const { cacheRoot, emit } = search;
  const { sha256, size, version } = orig;
  const candidate: SourceCandidate = { origin: "debian-repack", sha256, size, places: [orig.place] };
  if (hasBlob(cacheRoot, candidate)) return true;
  const url = await fetchFromMirrors(orig, blobPath(cacheRoot, sha256), { ...search, name });
  if (url !== undefined) {
    await writeRecord(cacheRoot, sha256, { name, version, origin: "debian-repack", place: url });
    return true;
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
