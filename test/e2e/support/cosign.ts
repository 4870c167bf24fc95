import { join } from "node:path";
import { cacheRoot, type ProcessResult, projectRoot, runProcess } from "../../../src/base/mod.ts";
import { ensureToolboxSet, readToolboxLock, updateToolboxLock } from "../../../src/engine/mod.ts";
import { judge, judgeCommand } from "./judge.ts";

/** cosign 3 is not in the suite that the toolbox is of, so it is pinned in a lock of its own. */
const sets = {
  cosign: {
    summary: "cosign 3, which looks for Sigstore bundles",
    packages: ["cosign", "libc-bin"],
    links: { bin: "usr/bin", sbin: "usr/sbin", lib: "usr/lib", lib64: "usr/lib64" },
    files: {},
    directories: [],
  },
};

const lockPath = join(projectRoot, "cosign.lock.json");

/** Pins cosign 3 as Debian has it now: `node -e 'import("./test/e2e/support/cosign.ts").then((it) => it.updateCosign())'`. */
export async function updateCosign(): Promise<void> {
  await updateToolboxLock({ path: lockPath, suite: "forky", sets });
}

/** Runs Debian's cosign, of a version that looks for tags (2) or for bundles (3). Nothing is asked of anybody but the registry. */
export async function cosign(version: 2 | 3, args: string[]): Promise<ProcessResult> {
  // It wants a home folder to keep a cache in, and would ask for a password.
  const env = { HOME: "/nonexistent", COSIGN_PASSWORD: "", LC_ALL: "C" };
  if (version === 2) return judge("signing", "usr/bin/cosign", args, env);
  const { path } = await ensureToolboxSet("cosign", {
    cacheRoot: cacheRoot(),
    lock: await readToolboxLock(lockPath),
    sets,
  });
  const [loader, ...words] = judgeCommand(path, "usr/bin/cosign", args);
  return runProcess(loader, words, { env });
}
