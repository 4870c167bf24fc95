import { join } from "node:path";
import { cacheRoot, projectRoot, runProcess } from "../../src/base/mod.ts";
import { ensureToolboxSet, readToolboxLock, updateToolboxLock } from "../../src/engine/mod.ts";
import { type Cosign, cosignEnvironment } from "../e2e/support/cosign.ts";
import { judgeCommand } from "../e2e/support/judge.ts";

/**
 * cosign 3 is not in the suite that the toolbox is of, so it is pinned in a lock of its own. It is of Debian's testing suite, whose files go away
 * when newer ones come: therefore the gate does without it.
 */
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

/** Pins cosign 3 as Debian has it now: `node -e 'import("./test/cosign/cosign-3.ts").then((it) => it.updateCosign())'`. */
export async function updateCosign(): Promise<void> {
  await updateToolboxLock({ path: lockPath, suite: "forky", sets });
}

/** Runs Debian's cosign 3.1, which looks for bundles. */
export const cosign3: Cosign = async (args) => {
  const lock = await readToolboxLock(lockPath);
  const { path } = await ensureToolboxSet("cosign", { cacheRoot: cacheRoot(), lock, sets });
  const [loader, ...words] = judgeCommand(path, "usr/bin/cosign", args);
  return runProcess(loader, words, { env: cosignEnvironment });
};
