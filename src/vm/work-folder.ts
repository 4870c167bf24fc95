import { rmSync } from "node:fs";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isSystemError } from "../base/mod.ts";
import { atExit } from "./at-exit.ts";

const prefix = "hadron-vm-";
/** A socket in every work folder on which its owner listens for as long as it lives. */
export const livenessSocket = "alive.sock";
/** sun_path has 108 bytes; the longest socket name and the random part need some. */
const longestParent = 70;

export interface WorkFolder extends AsyncDisposable {
  path: string;
}

/**
 * A private folder for one VM, removed on disposal and when this process exits. What a killed process left is removed by the
 * next one that makes a work folder.
 */
export async function makeWorkFolder(): Promise<WorkFolder> {
  const parent = tmpdir().length > longestParent ? "/tmp" : tmpdir();
  await sweep(parent);
  const path = await mkdtemp(join(parent, prefix));
  const forget = atExit(() => rmSync(path, { recursive: true, force: true }));
  return {
    path,
    async [Symbol.asyncDispose]() {
      forget();
      await rm(path, { recursive: true, force: true });
    },
  };
}

/** Process ids would mislead where several PID namespaces share a /tmp; a socket without a listener does not. */
export async function sweep(parent: string, minimumAgeSeconds = 60): Promise<void> {
  for (const name of (await readdir(parent)).filter((entry) => entry.startsWith(prefix)).sort()) {
    const path = join(parent, name);
    try {
      const { mtimeMs, uid } = await stat(path);
      // A file's time has parts of a millisecond and Date.now() none, so one that was made just now would be younger than nothing.
      const age = Math.max(0, Date.now() - mtimeMs);
      if (uid !== process.getuid?.() || age < minimumAgeSeconds * 1000) continue;
      if (!(await hasListener(join(path, livenessSocket)))) await rm(path, { recursive: true, force: true });
    } catch (error) {
      if (!isSystemError(error, "ENOENT", "EACCES", "EPERM")) throw error;
    }
  }
}

function hasListener(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", (error) => resolve(!isSystemError(error, "ECONNREFUSED", "ENOENT")));
  });
}
