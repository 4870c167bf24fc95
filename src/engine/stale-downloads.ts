import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { isProcessAlive } from "./process-alive.ts";

/**
 * Removes what interrupted downloads left in the cache. A download would go on with it, but of a file that nobody asks for
 * any more it only takes room. What a living process writes stays.
 * @returns how many files, and their bytes
 */
export async function removeStaleDownloads(cacheRoot: string): Promise<{ removed: number; freed: number }> {
  let removed = 0;
  let freed = 0;
  for (const folder of ["packages", "sources"].map((name) => join(cacheRoot, name)))
    for (const name of await readdir(folder).catch(() => [])) {
      const pid = /\.(\d+)\.\w+\.part$/.exec(name)?.[1];
      if (pid === undefined || isProcessAlive(Number(pid))) continue;
      freed += (await stat(join(folder, name)).catch(() => undefined))?.size ?? 0;
      await rm(join(folder, name), { force: true });
      removed += 1;
    }
  return { removed, freed };
}
