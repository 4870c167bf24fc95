import { randomBytes } from "node:crypto";
import { chmod, mkdir, readdir, readFile, rename, rm, stat, statfs, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import {
  HadronError,
  isProcessAlive,
  isSystemError,
  programName,
  runProcess,
  type Sha256,
  writeFileAtomic,
} from "../../base/mod.ts";
import { removeStaleParts } from "../stale-parts.ts";
import { readTree, setTimes, treeDigest, treeSize } from "./tree.ts";

/** Bytes that a step was given, and whose they are. */
export interface UsedSource {
  /** As in the source lock. */
  name: string;
  sha256: Sha256;
  origin: "upstream" | "debian-repack";
}

/** What is remembered of a step that succeeded. */
export interface StepResult {
  key: Sha256;
  step: string;
  /** Digest of the output tree, which lies in `objects/<output>`. */
  output: Sha256;
  /** Bytes of the regular files in the output. */
  size: number;
  /** How long it took where it was built. */
  seconds: number;
  /** What it was made from, beside the outputs of other steps. */
  sources: readonly UsedSource[];
  /** Who ran it, where that was not our own sandbox. */
  engine?: "docker";
}

/** The content-addressed cache of step outputs below one folder. */
export interface Store {
  readonly root: string;
  /** Where the output tree with this digest lies, whether or not it is there. */
  objectPath(digest: Sha256): string;
  /** The result of an earlier run with this key, if its output is still there. */
  find(key: Sha256): Promise<StepResult | undefined>;
  /** The same, wherever its output is: its digest is enough to compute the keys of others. */
  recall(key: Sha256): Promise<StepResult | undefined>;
  /** Makes a result known whose output is not here. */
  remember(result: StepResult): Promise<void>;
  /**
   * Takes a finished tree (it is moved) and remembers it under the key. The key becomes visible last, so a process that
   * is killed at any moment leaves nothing that looks finished.
   */
  commit(result: Omit<StepResult, "output" | "size">, tree: string, epoch: number): Promise<StepResult>;
  /** Deletes an output. It is gone at once, so a process that is killed meanwhile leaves no half of it in its place. */
  remove(digest: Sha256): Promise<void>;
  /** A fresh folder on the same file system as the objects. */
  makeWorkFolder(name: string): Promise<string>;
}

/** What can be had of a store without writing to it. */
export type StoreView = Pick<Store, "root" | "objectPath" | "find" | "recall">;

/**
 * A store that is only looked at. Its folder may be missing, or on a medium that can't be written: nothing is made there, and what is
 * found does not count as used, which would keep it from a clean-up by age.
 */
export function lookAtStore(root: string): StoreView {
  return storeAt(root, { marksUse: false });
}

/** Opens a store, makes its folders, and removes what dead processes left in `work/`. */
export async function openStore(root: string): Promise<Store> {
  const folder = (name: string) => join(root, name);
  try {
    for (const name of ["objects", "results", "work", "logs"]) await makeFolder(folder(name));
    const probe = join(folder("work"), `${process.pid}.probe`);
    await writeFileAtomic(probe, "");
    await rm(probe);
  } catch (error) {
    throw storeError(error, root);
  }
  await removeDeadWork(folder("work"));
  await removeStaleParts([root, folder("results")]);
  return storeAt(root, { marksUse: true });
}

function storeAt(root: string, { marksUse }: { marksUse: boolean }): Store {
  const folder = (name: string) => join(root, name);
  const objectPath = (digest: Sha256) => join(folder("objects"), digest);
  const resultFile = (key: Sha256) => join(folder("results"), `${key}.json`);
  const recall = async (key: Sha256): Promise<StepResult | undefined> => {
    const result = await readResult(resultFile(key)).catch((error: unknown) => {
      throw storeError(error, root);
    });
    if (result?.key !== key) return undefined;
    if (marksUse) {
      const now = Date.now() / 1000;
      await utimes(resultFile(key), now, now).catch(() => {});
    }
    return result;
  };
  const remember = async (result: StepResult): Promise<void> => {
    const { key, step, output, size, seconds, sources, engine } = result;
    const text = `${JSON.stringify({ key, step, output, size, seconds, sources, engine })}\n`;
    await writeFileAtomic(resultFile(key), text).catch((error: unknown) => {
      throw storeError(error, root);
    });
  };
  return {
    root,
    objectPath,
    recall,
    remember,
    find: async (key) => {
      const result = await recall(key);
      return result && (await exists(objectPath(result.output))) ? result : undefined;
    },
    commit: async (made, tree, epoch) => {
      try {
        const entries = await readTree(tree);
        await chmod(tree, 0o755);
        const output = treeDigest(entries);
        if (await exists(objectPath(output))) await removeTree(tree);
        else {
          await setTimes(tree, entries, epoch);
          await flush(tree);
          await moveInto(tree, objectPath(output));
        }
        const result: StepResult = { ...made, output, size: treeSize(entries) };
        await remember(result);
        return result;
      } catch (error) {
        throw storeError(error, root);
      }
    },
    makeWorkFolder: async (name) => {
      const path = workPath(folder("work"), name);
      await mkdir(path, { recursive: true }).catch((error: unknown) => {
        throw storeError(error, root);
      });
      return path;
    },
    remove: async (digest) => {
      // Not into a folder made for it: on a full disk there may be no room for one.
      const away = workPath(folder("work"), "removed");
      try {
        await rename(objectPath(digest), away);
        await removeTree(away);
      } catch (error) {
        if (!isSystemError(error, "ENOENT")) throw storeError(error, root);
      }
    },
  };
}

/** Names begin with the number of their process, so that what a dead one left is known as such. */
function workPath(work: string, name: string): string {
  return join(work, `${process.pid}.${randomBytes(4).toString("hex")}.${name.replaceAll(/[^\w.-]/g, "-")}`);
}

/** Reads one remembered result; `undefined` where there is none or the file is damaged. */
export async function readResult(file: string): Promise<StepResult | undefined> {
  try {
    const read = JSON.parse(await readFile(file, "utf8")) as Partial<StepResult>;
    const { key, step, output, sources } = read;
    if (!isDigest(key) || !isDigest(output) || typeof step !== "string") return undefined;
    const [size, seconds] = [Number(read.size) || 0, Number(read.seconds) || 0];
    return { key, step, output, size, seconds, sources: usedSources(sources), ...engineOf(read.engine) };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError || isSystemError(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** What of a list that was read from a file or an annotation are used sources. */
export function usedSources(value: unknown): UsedSource[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((item: Partial<UsedSource> | undefined) => {
    const { name, sha256, origin } = item ?? {};
    const isKnown = origin === "upstream" || origin === "debian-repack";
    return typeof name === "string" && isDigest(sha256) && isKnown ? [{ name, sha256, origin }] : [];
  });
}

/** What of a value that was read says who ran a step. */
export function engineOf(value: unknown): Pick<StepResult, "engine"> {
  return value === "docker" ? { engine: value } : {};
}

function isDigest(value: unknown): value is Sha256 {
  return typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
}

/** Removes a tree that a build made; such trees may hold folders without write permission. */
export async function removeTree(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch (error) {
    if (!isSystemError(error, "EACCES", "EPERM", "ENOTEMPTY")) throw error;
    await runProcess("chmod", ["-R", "u+rwX", path], { env: { PATH: process.env.PATH ?? "" } });
    await rm(path, { recursive: true, force: true });
  }
}

/** Node's own recursive mkdir never returns for a place in /proc. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (isSystemError(error, "EEXIST") && (await stat(path)).isDirectory()) return;
    if (!isSystemError(error, "ENOENT")) throw error;
    await makeFolder(dirname(path));
    await mkdir(path).catch((again: unknown) => {
      if (isSystemError(again, "EEXIST")) return;
      throw new HadronError(`Could not make the folder "${path}"`, {
        kind: "store",
        code: "STORE_READ_ONLY",
        at: path,
        hint: toMove,
        cause: again,
      });
    });
  }
}

const toFree = `${programName()} store gc --older-than 7 removes what no build used for a week; HADRON_CACHE names another place`;
const toMove = "Set HADRON_CACHE to a folder that can be written";

const knownErrors: Record<string, [code: string, message: string, hint: string]> = {
  ENOSPC: ["STORE_FULL", "The cache folder's disk is full", toFree],
  EDQUOT: ["STORE_FULL", "The cache folder's quota is used up", toFree],
  EROFS: ["STORE_READ_ONLY", "The cache folder is read-only", toMove],
  EACCES: ["STORE_READ_ONLY", "The cache folder cannot be written", toMove],
  EPERM: ["STORE_READ_ONLY", "The cache folder cannot be written", toMove],
  ENOTDIR: ["STORE_READ_ONLY", "The cache folder's place is taken by a file", toMove],
  EEXIST: ["STORE_READ_ONLY", "The cache folder's place is taken by a file", toMove],
};

/** Translates what the file system says of the cache folder into something a user can act on. */
export function storeError(error: unknown, root: string): unknown {
  if (!isSystemError(error, ...Object.keys(knownErrors))) return error;
  const { code = "", syscall = "" } = error;
  const found = knownErrors[code];
  // A program that cannot be started is no matter of the cache folder; one that is there already, only for a folder.
  if (!found || syscall.startsWith("spawn") || (code === "EEXIST" && syscall !== "mkdir")) return error;
  return new HadronError(`${found[1]} ("${root}")`, {
    kind: "store",
    code: found[0],
    at: root,
    hint: found[2],
    cause: error,
  });
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** TMPFS_MAGIC (linux/magic.h): a file system in memory. */
const tmpfs = 0x01021994;

/** Everything written so far reaches the disk before a name says that it is there. */
async function flush(tree: string): Promise<void> {
  // No disk is to be reached there, and a program that is started for nothing takes longer than all else of a small commit.
  if ((await statfs(tree)).type === tmpfs) return;
  await runProcess("sync", ["-f", tree], { env: { PATH: process.env.PATH ?? "" } });
}

async function moveInto(tree: string, place: string): Promise<void> {
  try {
    await rename(tree, place);
  } catch (error) {
    if (!isSystemError(error, "EEXIST", "ENOTEMPTY")) throw error;
    await removeTree(tree);
  }
}

/** Removes from a folder, where names begin with the number of a process and a full stop, what dead ones left. */
export async function removeDeadWork(work: string): Promise<void> {
  for (const name of await readdir(work)) {
    const pid = Number(name.split(".")[0]);
    if (!Number.isInteger(pid) || pid <= 0 || !isProcessAlive(pid)) await removeTree(join(work, name));
  }
}
