import { createReadStream } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { packTar } from "../../formats/mod.ts";
import { sourceDateEpoch } from "../../graph/mod.ts";
import type { TreeEntry } from "./tree.ts";

/** Entries of a tree as an archive: equal trees give equal bytes. */
export function packTree(root: string, tree: readonly TreeEntry[]): Readable {
  const entries = tree.map((entry) =>
    entry.type === "file" ? { ...entry, content: () => createReadStream(join(root, entry.path)) } : entry,
  );
  return packTar(entries, sourceDateEpoch);
}
