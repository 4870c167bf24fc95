import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { isProcessAlive } from "../base/mod.ts";

/** Where interrupted downloads leave their beginnings, below the cache folder. */
export const downloadFolders = ["packages", "sources"];

/**
 * Removes files that were being written beside their place (`….<pid>.<random>.part`) when their process died. What a living
 * process writes stays.
 * @returns how many files, and their bytes
 */
export async function removeStaleParts(folders: readonly string[]): Promise<{ removed: number; freed: number }> {
  let removed = 0;
  let freed = 0;
  for (const folder of folders)
    for (const name of await readdir(folder).catch(() => [])) {
      const pid = /\.(\d+)\.\w+\.part$/.exec(name)?.[1];
      if (pid === undefined || isProcessAlive(Number(pid))) continue;
      freed += (await stat(join(folder, name)).catch(() => undefined))?.size ?? 0;
      await rm(join(folder, name), { force: true });
      removed += 1;
    }
  return { removed, freed };
}
