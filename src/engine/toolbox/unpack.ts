import { mkdir, readdir, rename, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import {
  canonicalJson,
  HadronError,
  isProcessAlive,
  isSystemError,
  programName,
  runProcess,
  type Sha256,
  sha256,
} from "../../base/mod.ts";
import { removeTree, storeError } from "../store/store.ts";
import { type FetchOptions, fetchPackages, packagePath } from "./fetch.ts";
import { type LockedPackage, readToolboxLock, type ToolboxLock } from "./lock.ts";
import { droppedPaths, type ToolboxSet, toolboxSets } from "./sets.ts";
import { unpackDeb } from "./unpack-deb.ts";

/** Counted up when this file unpacks the same packages differently. */
const unpackVersion = 1;
const parallel = 2;

export interface ToolboxTree {
  path: string;
  /** Changes whenever the tree does. */
  digest: Sha256;
}

export interface EnsureOptions extends FetchOptions {
  /** The project's own when absent. */
  lock?: ToolboxLock;
  sets?: Readonly<Record<string, ToolboxSet>>;
}

/** What this process is unpacking, so that two that want the same tree get one. */
const underway = new Map<string, Promise<void>>();

/**
 * A set's tree in the cache, fetched and unpacked if it isn't there.
 * @throws HadronError of kind `input`: `TOOLBOX_SET_UNKNOWN`; `store`: `STORE_FULL`, `STORE_READ_ONLY`; for the rest see
 * {@link fetchPackages} and {@link unpackDeb}.
 */
export async function ensureToolboxSet(name: string, options: EnsureOptions): Promise<ToolboxTree> {
  const { set, packages } = await lookUp(name, options);
  const { path, digest } = treeOf(options.cacheRoot, toolboxDigest(set, packages));
  if (await stat(path).catch(() => undefined)) {
    // Says to a clean-up that it is in use.
    const now = Date.now() / 1000;
    await utimes(path, now, now).catch(() => {});
    return { path, digest };
  }
  let making = underway.get(path);
  if (making === undefined) {
    making = make(name, path, set, packages, options).finally(() => underway.delete(path));
    underway.set(path, making);
  }
  await making;
  return { path, digest };
}

async function make(
  name: string,
  path: string,
  set: ToolboxSet,
  packages: readonly LockedPackage[],
  options: EnsureOptions,
): Promise<void> {
  await fetchPackages(packages, options);
  options.emit?.({ type: "note", message: `Unpacking ${packages.length} packages of the toolbox set "${name}"` });
  const home = dirname(path);
  const beside = `${path}.${process.pid}.part`;
  try {
    await mkdir(home, { recursive: true });
    await removeLeftovers(home);
    await removeTree(beside);
    await fill(beside, set, packages, options);
    await rename(beside, path).catch((error: unknown) => {
      // Another process was faster with the same tree.
      if (!isSystemError(error, "ENOTEMPTY", "EEXIST")) throw error;
    });
  } catch (error) {
    throw storeError(error, home);
  } finally {
    await removeTree(beside);
  }
}

/** The digest that a set's tree has or would have, without unpacking it. */
export async function toolboxSetDigest(
  name: string,
  options: Pick<EnsureOptions, "lock" | "sets"> = {},
): Promise<Sha256> {
  const { set, packages } = await lookUp(name, options);
  return toolboxDigest(set, packages);
}

/** Where a set's tree is, or would be. Nothing is fetched, unpacked or looked for. */
export async function locateToolboxSet(
  name: string,
  { cacheRoot, ...options }: Pick<EnsureOptions, "cacheRoot" | "lock" | "sets">,
): Promise<ToolboxTree> {
  return treeOf(cacheRoot, await toolboxSetDigest(name, options));
}

function treeOf(cacheRoot: string, digest: Sha256): ToolboxTree {
  return { path: join(cacheRoot, "toolbox", digest), digest };
}

function toolboxDigest({ links, files, directories }: ToolboxSet, packages: readonly LockedPackage[]): Sha256 {
  return sha256(
    canonicalJson({
      version: unpackVersion,
      packages: packages.map((package_) => package_.sha256),
      drops: droppedPaths,
      links,
      files,
      directories,
    }),
  );
}

async function lookUp(
  name: string,
  options: Pick<EnsureOptions, "lock" | "sets">,
): Promise<{ set: ToolboxSet; packages: LockedPackage[] }> {
  const set = own(options.sets ?? toolboxSets, name);
  const locked = own((options.lock ?? (await readToolboxLock())).sets, name);
  if (set !== undefined && locked !== undefined) return { set, packages: locked.packages };
  throw new HadronError(`Unknown toolbox set "${name}"`, {
    kind: "input",
    code: "TOOLBOX_SET_UNKNOWN",
    at: "toolbox.lock.json",
    hint:
      set === undefined
        ? `Known sets: ${Object.keys(toolboxSets).sort().join(", ")}`
        : `Run: ${programName()} toolbox update`,
  });
}

/** What a table has under a name that somebody typed. */
function own<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

async function fill(
  tree: string,
  set: ToolboxSet,
  packages: readonly LockedPackage[],
  { cacheRoot, signal }: EnsureOptions,
): Promise<void> {
  await mkdir(tree, { recursive: true });
  // First the merged /usr, so that packages' ./lib and ./bin land where they belong.
  const links = Object.entries(set.links);
  for (const [path, target] of links.filter(([path]) => !path.includes("/"))) {
    await mkdir(join(tree, target), { recursive: true });
    await symlink(target, join(tree, path));
  }
  const queue = [...packages];
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      signal?.throwIfAborted();
      try {
        await unpackDeb(packagePath(cacheRoot, next.sha256), tree, droppedPaths);
      } catch (error) {
        queue.length = 0;
        throw error;
      }
    }
  };
  const results = await Promise.allSettled(Array.from({ length: parallel }, worker));
  for (const result of results) if (result.status === "rejected") throw result.reason;

  for (const path of set.directories) await mkdir(join(tree, path), { recursive: true });
  for (const [path, target] of links.filter(([path]) => path.includes("/"))) {
    await mkdir(dirname(join(tree, path)), { recursive: true });
    // A package may have a folder there, as base-files has /var/run.
    await rm(join(tree, path), { force: true, recursive: true });
    await symlink(target, join(tree, path));
  }
  for (const [path, text] of Object.entries(set.files)) {
    await mkdir(dirname(join(tree, path)), { recursive: true });
    await rm(join(tree, path), { force: true });
    await writeFile(join(tree, path), text);
  }
  await runTool("chmod", ["-R", "u+rwX,go+rX,go-w,ug-s,-t", tree]);
  // A power cut must not leave a whole-looking tree of empty files.
  await runTool("sync", ["-f", tree]);
}

async function runTool(program: string, args: string[]): Promise<void> {
  const { exitCode, stderr } = await runProcess(program, args, { env: { PATH: process.env.PATH ?? "", LC_ALL: "C" } });
  if (exitCode !== 0) throw new Error(`${program} failed with status ${exitCode}: ${stderr.trim()}`);
}

/** A process that was killed leaves its half-made tree. */
async function removeLeftovers(home: string): Promise<void> {
  for (const entry of (await readdir(home)).sort()) {
    const pid = Number(/\.(\d+)\.part$/.exec(entry)?.[1] ?? Number.NaN);
    if (!Number.isNaN(pid) && pid !== process.pid && !isProcessAlive(pid)) {
      await removeTree(join(home, entry));
    }
  }
}
