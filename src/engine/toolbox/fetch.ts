import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { type Emit, HadronError, type Sha256, sha256OfFile, silent } from "../../base/mod.ts";
import { debianFile, debianMirrors } from "../debian-mirror.ts";
import { download } from "../download.ts";
import type { LockedPackage } from "./lock.ts";

export interface FetchOptions {
  cacheRoot: string;
  emit?: Emit;
  mirror?: string | undefined;
  /** Takes what the cache and folders of this machine have, and nothing else. */
  offline?: boolean | undefined;
  signal?: AbortSignal | undefined;
  /** Where mirrors are found; for tests. */
  mirrors?: readonly string[];
}

const parallel = 8;

/** Where the cache keeps a package. */
export function packagePath(cacheRoot: string, sha256: Sha256): string {
  return join(cacheRoot, "packages", sha256);
}

/**
 * Brings packages into the cache. What is there is digested again, and replaced if it is damaged.
 * @throws HadronError of kind `source`: `PACKAGE_UNREACHABLE`, `TOOLBOX_DIGEST`; see also {@link download}.
 */
export async function fetchPackages(packages: readonly LockedPackage[], options: FetchOptions): Promise<void> {
  const missing: LockedPackage[] = [];
  for (const package_ of packages) {
    if (!(await isCached(package_, options.cacheRoot))) missing.push(package_);
  }
  if (missing.length === 0) return;
  const known = options.mirrors ?? debianMirrors({ mirror: options.mirror });
  const mirrors = options.offline ? known.filter(isFolder) : known;
  const queue = [...missing].sort((a, b) => b.size - a.size);
  const failed = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, failed.signal]) : failed.signal;
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      signal.throwIfAborted();
      await fetchPackage(next, mirrors, { ...options, signal }).catch((error: unknown) => {
        failed.abort(error);
        throw error;
      });
    }
  };
  const results = await Promise.allSettled(Array.from({ length: parallel }, worker));
  if (results.some(({ status }) => status === "rejected")) throw signal.reason;
}

/** Whether the cache holds a package undamaged: its bytes are read and digested. */
export async function isCached(package_: LockedPackage, cacheRoot: string): Promise<boolean> {
  const path = packagePath(cacheRoot, package_.sha256);
  const size = (await stat(path).catch(() => undefined))?.size;
  return size === package_.size && (await sha256OfFile(path)) === package_.sha256;
}

async function fetchPackage(
  package_: LockedPackage,
  mirrors: readonly string[],
  options: FetchOptions & { signal: AbortSignal },
): Promise<void> {
  const { name, version, file, sha256, size } = package_;
  const to = packagePath(options.cacheRoot, sha256);
  let failure: unknown;
  for (const url of mirrors.flatMap((mirror) => placesIn(mirror, package_))) {
    try {
      await download({
        url,
        to,
        sha256,
        size,
        name: `${name} ${version}`,
        emit: options.emit ?? silent,
        signal: options.signal,
      });
      return;
    } catch (error) {
      if (!(error instanceof HadronError) || error.kind !== "source") throw error;
      // A mirror that gives something else is worth more attention than the next one's "not found".
      if (!(failure instanceof HadronError) || failure.code !== "DOWNLOAD_DIGEST") failure = error;
    }
  }
  if (failure instanceof HadronError && failure.code === "DOWNLOAD_DIGEST") {
    throw new HadronError(`Package "${name}" ${version} is not what the lock says: ${failure.message}`, {
      kind: "source",
      code: "TOOLBOX_DIGEST",
      at: failure.at ?? file,
      hint: "Name another mirror with --mirror or HADRON_DEBIAN_MIRROR",
      cause: failure,
    });
  }
  const tried = options.offline
    ? "the network is off"
    : mirrors.length === 0
      ? "no mirror is known"
      : `tried ${mirrors.join(", ")}`;
  const why = failure instanceof HadronError ? `${tried}: ${failure.message}` : tried;
  throw new HadronError(`Could not get package "${name}" ${version}: ${why}`, {
    kind: "source",
    code: "PACKAGE_UNREACHABLE",
    at: file,
    hint: options.offline
      ? "Run the same command once without --offline"
      : "Name a mirror of Debian's archive, or a folder with the packages, with --mirror or HADRON_DEBIAN_MIRROR",
    ...(failure === undefined ? {} : { cause: failure }),
  });
}

/** A directory may be laid out like the archive, or hold the packages side by side, by file name or by digest. */
function placesIn(mirror: string, { file, sha256 }: LockedPackage): string[] {
  if (!isFolder(mirror)) return [debianFile(mirror, file)];
  const base = file.slice(file.lastIndexOf("/") + 1);
  const candidates = [file, base, sha256].map((path) => join(mirror, path));
  return candidates.filter((path) => existsSync(path)).slice(0, 1);
}

function isFolder(mirror: string): boolean {
  return mirror.startsWith("/");
}
