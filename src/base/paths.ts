import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** The checkout: the folder that holds `recipes/`, `images/` and the lock files. */
export const projectRoot: string = resolve(import.meta.dirname, "../..");

/** Where everything that can be made again is kept: `$HADRON_CACHE`, else `$XDG_CACHE_HOME/hadron`, else `~/.cache/hadron`. */
export function cacheRoot(environment: NodeJS.ProcessEnv = process.env): string {
  if (environment.HADRON_CACHE) return resolve(environment.HADRON_CACHE);
  return join(environment.XDG_CACHE_HOME || join(homedir(), ".cache"), "hadron");
}
