import { existsSync } from "node:fs";
import type { Store, StoreView } from "../../src/engine/mod.ts";

/**
 * A store that has what another one has, which it never writes to, and keeps for itself what is made anew. Both have to be on one file system:
 * inputs are hard links.
 */
export function storeBeside(own: Store, first: StoreView): Store {
  return {
    ...own,
    objectPath: (digest) => {
      const path = first.objectPath(digest);
      return existsSync(path) ? path : own.objectPath(digest);
    },
    // The first comes first: what was made anew and differs is nobody's input.
    find: async (key) => (await first.find(key)) ?? (await own.find(key)),
    recall: async (key) => (await first.recall(key)) ?? (await own.recall(key)),
  };
}
