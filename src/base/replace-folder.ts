import { rename, rm } from "node:fs/promises";
import { isSystemError } from "./errors.ts";

/**
 * Puts a finished folder in the place of another, or of none. A folder can't take the place of one that has something in it, so the old one
 * is moved away first, and back where the new one can't be had.
 * @param beside On the same file system
 */
export async function replaceFolder(path: string, beside: string): Promise<void> {
  const old = `${beside}.old`;
  await rename(path, old).catch((error: unknown) => {
    if (!isSystemError(error, "ENOENT")) throw error;
  });
  await rename(beside, path).catch(async (error: unknown) => {
    await rename(old, path).catch(() => {});
    throw error;
  });
  await rm(old, { force: true, recursive: true });
}
