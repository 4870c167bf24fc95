import { readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { isSystemError, type Sha256 } from "../base/mod.ts";
import { diskUse } from "./store/disk-use.ts";
import { removeTree, storeError } from "./store/store.ts";

/** What the locks of a checkout name, by the folder below the cache in which it is kept. */
export interface NamedFiles {
  /** Digests of unpacked sets. */
  toolbox: ReadonlySet<Sha256>;
  packages: ReadonlySet<Sha256>;
  sources: ReadonlySet<Sha256>;
}

export type Removed = Record<keyof NamedFiles, { removed: number; freed: number }>;

const day = 86_400_000;

/**
 * Removes toolbox trees, packages and sources that no lock names any more. Other checkouts may use the cache with locks of their
 * own, and a machine may run from an older toolbox: what was used (a tree) or fetched (a file) lately stays.
 * @param options.olderThanDays A day by default
 * @param options.now Milliseconds since the epoch
 */
export async function removeUnnamed(
  cacheRoot: string,
  named: NamedFiles,
  { olderThanDays = 1, now = Date.now() }: { olderThanDays?: number | undefined; now?: number } = {},
): Promise<Removed> {
  const removed: Removed = {
    toolbox: { removed: 0, freed: 0 },
    packages: { removed: 0, freed: 0 },
    sources: { removed: 0, freed: 0 },
  };
  try {
    for (const kind of Object.keys(removed) as (keyof Removed)[]) {
      const folder = join(cacheRoot, kind);
      for (const name of await namesIn(folder)) {
        // A source has a record of where it came from beside it.
        const digest = /^([0-9a-f]{64})(?:\.json)?$/.exec(name)?.[1];
        const path = join(folder, name);
        if (digest === undefined || named[kind].has(digest)) continue;
        if (now - (await stat(path)).mtimeMs <= olderThanDays * day) continue;
        removed[kind].freed += await diskUse(path);
        await remove(path);
        if (name === digest) removed[kind].removed += 1;
      }
    }
  } catch (error) {
    throw storeError(error, cacheRoot);
  }
  return removed;
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).then(
    (names) => names.sort(),
    (error: unknown) => {
      if (isSystemError(error, "ENOENT")) return [];
      throw error;
    },
  );
}

/** A tree first loses its name, so that a process that is killed meanwhile leaves none that looks whole. */
async function remove(path: string): Promise<void> {
  if (!(await stat(path)).isDirectory()) return rm(path);
  const away = `${path}.${process.pid}.part`;
  await rename(path, away);
  await removeTree(away);
}
