import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { compareText, isSystemError, type Sha256 } from "../../base/mod.ts";
import { diskUse } from "./disk-use.ts";
import { readResult, type StepResult, type Store, storeError } from "./store.ts";
import { readTree, treeDigest } from "./tree.ts";

export interface StoreEntry extends StepResult {
  /** When a build last used it; milliseconds since the epoch. */
  lastUsed: number;
  /** Whether the output is here: of some only the digest is known. */
  hasTree: boolean;
}

/** What the store remembers, sorted by step and key. */
export async function listStore({ root }: Pick<Store, "root">): Promise<StoreEntry[]> {
  const folder = join(root, "results");
  const present = new Set(await namesIn(join(root, "objects"), root));
  const entries: StoreEntry[] = [];
  for (const name of await namesIn(folder, root)) {
    if (!name.endsWith(".json")) continue;
    const result = await readResult(join(folder, name));
    if (!result) continue;
    const lastUsed = (await stat(join(folder, name))).mtimeMs;
    entries.push({ ...result, lastUsed, hasTree: present.has(result.output) });
  }
  return entries.sort((a, b) => compareText(`${a.step} ${a.key}`, `${b.step} ${b.key}`));
}

/** Nothing where the folder is missing: a store that is only looked at need not be there. */
async function namesIn(folder: string, root: string): Promise<string[]> {
  return readdir(folder).catch((error: unknown) => {
    if (isSystemError(error, "ENOENT")) return [];
    throw storeError(error, root);
  });
}

export interface Damage {
  object: Sha256;
  path: string;
  /** Digest of what is there now. */
  found: Sha256 | "unreadable";
  /** Steps whose output it was. */
  steps: string[];
}

/** Reads every output tree and compares it with its digest. With `remove`, damaged ones are deleted and so built again. */
export async function verifyStore(
  store: Store,
  options: { remove?: boolean } = {},
): Promise<{ checked: number; damaged: Damage[] }> {
  const byOutput = Map.groupBy(await listStore(store), (entry) => entry.output);
  const damaged: Damage[] = [];
  const objects = (await readdir(join(store.root, "objects"))).sort(compareText);
  for (const object of objects) {
    const path = store.objectPath(object);
    const found = await readTree(path).then(treeDigest, () => "unreadable" as const);
    if (found === object) continue;
    damaged.push({ object, path, found, steps: (byOutput.get(object) ?? []).map(({ step }) => step) });
    if (options.remove) await store.remove(object);
  }
  return { checked: objects.length, damaged };
}

export interface GarbageOptions {
  /** Forget results that no build used for so long. */
  olderThanDays?: number;
  /** Delete the outputs used least recently until the others take at most so many bytes of disk. What they were stays known. */
  maxBytes?: number;
  /** Milliseconds since the epoch. */
  now?: number;
}

const day = 86_400_000;

/**
 * Frees space: forgets results by age, deletes output trees by size, and always those that no result names, with the logs
 * that belong to none.
 * @returns how many outputs were removed and kept, and the bytes of disk that this freed
 */
export async function collectGarbage(
  store: Store,
  options: GarbageOptions = {},
): Promise<{ removed: number; freed: number; kept: number }> {
  try {
    const { olderThanDays, maxBytes = Number.POSITIVE_INFINITY, now = Date.now() } = options;
    const entries = (await listStore(store)).sort((a, b) => b.lastUsed - a.lastUsed);
    const remembered = entries.filter(
      (entry) => olderThanDays === undefined || now - entry.lastUsed <= olderThanDays * day,
    );
    for (const { key } of entries.filter((entry) => !remembered.includes(entry)))
      await rm(join(store.root, "results", `${key}.json`), { force: true });

    const kept = new Set<Sha256>();
    let total = 0;
    for (const { output, hasTree } of remembered) {
      if (!hasTree || kept.has(output)) continue;
      // Not what the result says: disk images are mostly holes.
      const size = maxBytes === Number.POSITIVE_INFINITY ? 0 : await diskUse(store.objectPath(output));
      if (total + size > maxBytes) continue;
      kept.add(output);
      total += size;
    }
    let removed = 0;
    let freed = 0;
    for (const object of await readdir(join(store.root, "objects"))) {
      if (kept.has(object)) continue;
      freed += await diskUse(store.objectPath(object));
      await store.remove(object);
      removed += 1;
    }
    await removeLogs(store, new Set(remembered.map(({ key }) => key.slice(0, 12))), now);
    return { removed, freed, kept: kept.size };
  } catch (error) {
    throw storeError(error, store.root);
  }
}

/** Logs of the last day stay: one may be of a failure that somebody looks into. */
async function removeLogs(store: Store, keys: ReadonlySet<string>, now: number): Promise<void> {
  const folder = join(store.root, "logs");
  for (const name of await readdir(folder)) {
    const key = /\.([0-9a-f]{12})\.log$/.exec(name)?.[1];
    if (!key || keys.has(key) || now - (await stat(join(folder, name))).mtimeMs < day) continue;
    await rm(join(folder, name), { force: true });
  }
}
