import { join } from "node:path";
import { projectRoot } from "../../src/base/mod.ts";
import { ensureToolboxSet, readToolboxLock, updateToolboxLock } from "../../src/engine/mod.ts";
import { type ToolboxSet, toolboxSets } from "../../src/engine/toolbox/sets.ts";
import type { EnsureOptions, ToolboxTree } from "../../src/engine/toolbox/unpack.ts";

/** The release before the toolbox's own: GCC 12, Meson 1.0, Python 3.11, Perl 5.36, CMake 3.25, glibc 2.36. */
export const secondSuite = "bookworm";

/** Where the packages are pinned; `make ddc` never takes others. */
const lockPath: string = join(projectRoot, "ddc.lock.json");

const first = toolboxSets.build as ToolboxSet;

/** The set that steps run in, with the same packages by name. What names a version differs. */
export const secondSets: Readonly<Record<string, ToolboxSet>> = {
  build: {
    ...first,
    summary: "the root tree of build steps, a Debian release older",
    links: { ...first.links, "usr/bin/aclocal": "aclocal-1.16", "usr/bin/automake": "automake-1.16" },
  },
};

/** Pins the packages of that release as they are now. */
export async function updateSecondToolbox(): Promise<void> {
  await updateToolboxLock({ path: lockPath, sets: secondSets, suite: secondSuite });
}

/** The tree, fetched and unpacked if it isn't there. */
export async function ensureSecondToolbox(options: Pick<EnsureOptions, "cacheRoot" | "emit">): Promise<ToolboxTree> {
  return ensureToolboxSet("build", { ...options, lock: await readToolboxLock(lockPath), sets: secondSets });
}
