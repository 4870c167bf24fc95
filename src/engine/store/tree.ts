import { createHash } from "node:crypto";
import { lstat, lutimes, readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import { compareText, HadronError, type Sha256, sha256OfFile } from "../../base/mod.ts";

/** One entry of a tree's manifest. Owner and times are not part of it: they are the same for all. */
export type TreeEntry =
  | { path: string; type: "directory"; mode: number }
  | { path: string; type: "file"; mode: number; size: number; sha256: Sha256 }
  | { path: string; type: "link"; target: string };

/**
 * Everything below a folder, sorted by path (UTF-16 code units); the folder itself is not listed.
 * @throws HadronError `TREE_SPECIAL_FILE` for devices, sockets and pipes, `TREE_NAME` for a name that is not UTF-8.
 */
export async function readTree(root: string): Promise<TreeEntry[]> {
  const entries: TreeEntry[] = [];
  const visit = async (folder: string): Promise<void> => {
    for (const name of (await readdir(join(root, folder))).sort(compareText)) {
      const path = folder === "" ? name : `${folder}/${name}`;
      if (name.includes("\ufffd"))
        throw refuse("TREE_NAME", `Output holds "${path}", whose name is not UTF-8`, join(root, path));
      const entry = await readEntry(root, path);
      entries.push(entry);
      if (entry.type === "directory") await visit(path);
    }
  };
  await visit("");
  return entries.sort((a, b) => compareText(a.path, b.path));
}

async function readEntry(root: string, path: string): Promise<TreeEntry> {
  const file = join(root, path);
  const stats = await lstat(file);
  const mode = stats.mode & 0o7777;
  if (stats.isDirectory()) return { path, type: "directory", mode };
  if (stats.isSymbolicLink()) return { path, type: "link", target: await readlink(file) };
  if (!stats.isFile())
    throw refuse(
      "TREE_SPECIAL_FILE",
      `Output holds "${path}", which is neither a file, a folder nor a symbolic link`,
      file,
    );
  const digest =
    stats.size > 1 << 22
      ? await sha256OfFile(file)
      : createHash("sha256")
          .update(await readFile(file))
          .digest("hex");
  return { path, type: "file", mode, size: stats.size, sha256: digest };
}

function refuse(code: string, message: string, at: string): HadronError {
  return new HadronError(message, { kind: "step", code, at, hint: "Remove it at the end of the build script" });
}

/** The canonical digest of a tree: SHA-256 over its manifest, one JSON array a line. */
export function treeDigest(entries: readonly TreeEntry[]): Sha256 {
  const hash = createHash("sha256").update("hadron-tree-1\n");
  for (const entry of entries)
    hash.update(
      `${JSON.stringify(
        entry.type === "file"
          ? ["f", entry.path, entry.mode, entry.size, entry.sha256]
          : entry.type === "link"
            ? ["l", entry.path, entry.target]
            : ["d", entry.path, entry.mode],
      )}\n`,
    );
  return hash.digest("hex");
}

/** Bytes of the regular files. */
export function treeSize(entries: readonly TreeEntry[]): number {
  return entries.reduce((sum, entry) => sum + (entry.type === "file" ? entry.size : 0), 0);
}

/** Sets one time on everything, folders after what is in them. Seconds since the epoch. */
export async function setTimes(root: string, entries: readonly TreeEntry[], seconds: number): Promise<void> {
  for (const entry of entries.toReversed()) await lutimes(join(root, entry.path), seconds, seconds);
  await lutimes(root, seconds, seconds);
}
