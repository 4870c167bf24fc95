import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { isSystemError } from "../../base/mod.ts";

/**
 * Bytes that a file or a whole tree takes on the disk: holes of sparse files don't count, folders do, and a file with several
 * names counts once. 0 where there is nothing.
 */
export async function diskUse(path: string): Promise<number> {
  const seen = new Set<string>();
  const visit = async (place: string): Promise<number> => {
    const stats = await lstat(place).catch((error: unknown) => {
      if (isSystemError(error, "ENOENT")) return undefined;
      throw error;
    });
    if (!stats) return 0;
    if (stats.isDirectory()) {
      let sum = blockBytes(stats.blocks);
      for (const name of await readdir(place)) sum += await visit(join(place, name));
      return sum;
    }
    const inode = `${stats.dev}:${stats.ino}`;
    if (seen.has(inode)) return 0;
    if (stats.nlink > 1) seen.add(inode);
    return blockBytes(stats.blocks);
  };
  return visit(path);
}

/** `st_blocks` counts units of 512 bytes, whatever the file system's blocks are (inode(7)). */
function blockBytes(blocks: number): number {
  return blocks * 512;
}
