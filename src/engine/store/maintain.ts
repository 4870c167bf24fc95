import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { compareText, type Sha256 } from "../../base/mod.ts";
import { readResult, removeTree, type StepResult, type Store, storeError } from "./store.ts";
import { readTree, treeDigest } from "./tree.ts";

export interface StoreEntry extends StepResult {
  /** When a build last used it; milliseconds since the epoch. */
  lastUsed: number;
}

/** What the store remembers, sorted by step and key. */
export async function listStore(store: Store): Promise<StoreEntry[]> {
  const folder = join(store.root, "results");
  const entries: StoreEntry[] = [];
  for (const name of await readdir(folder)) {
    if (!name.endsWith(".json")) continue;
    const result = await readResult(join(folder, name));
    if (result) entries.push({ ...result, lastUsed: (await stat(join(folder, name))).mtimeMs });
  }
  return entries.sort((a, b) => compareText(`${a.step} ${a.key}`, `${b.step} ${b.key}`));
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
    if (options.remove) await removeTree(path);
  }
  return { checked: objects.length, damaged };
}

export interface GarbageOptions {
  /** Forget results that no build used for so long. */
  olderThanDays?: number;
  /** Forget the least recently used until the outputs take at most so many bytes. */
  maxBytes?: number;
  /** Milliseconds since the epoch. */
  now?: number;
}

/**
 * Frees space: forgets results by age or size, then deletes the output trees and logs that none names any more.
 * Without options only what no result names goes. A result is removed before its tree, so a kill in between is harmless.
 */
export async function collectGarbage(
  store: Store,
  options: GarbageOptions = {},
): Promise<{ removed: number; freed: number; kept: number }> {
  try {
    const { olderThanDays, maxBytes, now = Date.now() } = options;
    const entries = (await listStore(store)).sort((a, b) => b.lastUsed - a.lastUsed);
    const kept = new Map<Sha256, number>();
    for (const entry of entries) {
      const isOld = olderThanDays !== undefined && now - entry.lastUsed > olderThanDays * 86_400_000;
      const total = [...kept.values()].reduce((sum, size) => sum + size, 0);
      const isTooMuch = maxBytes !== undefined && !kept.has(entry.output) && total + entry.size > maxBytes;
      if (isOld || isTooMuch) await rm(join(store.root, "results", `${entry.key}.json`), { force: true });
      else kept.set(entry.output, entry.size);
    }
    const sizes = new Map(entries.map((entry) => [entry.output, entry.size]));
    let removed = 0;
    let freed = 0;
    for (const object of await readdir(join(store.root, "objects"))) {
      if (kept.has(object)) continue;
      await removeTree(store.objectPath(object));
      removed += 1;
      freed += sizes.get(object) ?? 0;
    }
    return { removed, freed, kept: kept.size };
  } catch (error) {
    throw storeError(error, store.root);
  }
}
