import { lstat, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import { compareText, type Emit, HadronError, runProcess, sha256 } from "../../base/mod.ts";
import type { BundleEntry } from "./bundle.ts";

/**
 * The files of a checkout that git knows, as they are in the folder now, sorted. Says so where that is not what was committed: others
 * could not get the same.
 * @throws HadronError `BUNDLE_NO_CHECKOUT`
 */
export async function projectFiles(root: string, emit: Emit): Promise<BundleEntry[]> {
  const tracked = (await git(root, ["ls-files", "-z"])).split("\0").filter((path) => path !== "");
  const changed = (await git(root, ["status", "--porcelain"])).split("\n").filter((line) => line !== "");
  if (changed.length > 0)
    emit({
      type: "warning",
      code: "BUNDLE_UNCOMMITTED",
      message: `${changed.length} files of the checkout are changed or not committed; files that git does not know are left out`,
    });
  const entries = await Promise.all([...new Set(tracked)].sort(compareText).map((path) => entryOf(root, path)));
  return entries.filter((entry) => entry !== undefined);
}

/** Undefined for a file that was removed and not committed. */
async function entryOf(root: string, path: string): Promise<BundleEntry | undefined> {
  const from = join(root, path);
  const found = await lstat(from).catch(() => undefined);
  if (found === undefined) return undefined;
  if (found.isSymbolicLink()) return { path, type: "link", target: await readlink(from) };
  if (!found.isFile()) return undefined;
  const bytes = await readFile(from);
  // git keeps of the mode only this.
  const mode = found.mode & 0o100 ? 0o755 : 0o644;
  return { path, type: "file", mode, size: bytes.length, sha256: sha256(bytes), from: { path: from } };
}

async function git(root: string, args: string[]): Promise<string> {
  const env = { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "", LC_ALL: "C" };
  const why = await runProcess("git", ["-C", root, ...args], { env }).catch((error: unknown) => String(error));
  if (typeof why !== "string" && why.exitCode === 0) return why.stdout;
  throw new HadronError(
    `Could not list the files of the checkout "${root}": ${typeof why === "string" ? why : why.stderr.trim()}`,
    {
      kind: "host",
      code: "BUNDLE_NO_CHECKOUT",
      at: root,
      hint: "Run it in a clone of the repository, on a machine with git",
    },
  );
}
