import { chmodSync, copyFileSync, lutimesSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { HadronError, type Sha256 } from "../../base/mod.ts";
import { filesInput, listFiles, sourceDateEpoch } from "../../graph/mod.ts";

/**
 * Copies the files of a project folder, and no others, so that a step sees of them just what is part of its key: not the
 * checkout's modes and times, and no TypeScript.
 * @throws HadronError `INPUT_CHANGED` where they are no longer what the key was computed from.
 */
export function stageFiles(input: { host: string; mount: string; digest: Sha256 }, into: string): void {
  makeFolder(into);
  for (const file of listFiles(input.host)) {
    const copy = join(into, relative(input.host, file));
    makeFolder(dirname(copy));
    copyFileSync(file, copy);
    chmodSync(copy, statSync(file).mode & 0o100 ? 0o755 : 0o644);
  }
  for (const path of readdirSync(into, { recursive: true, encoding: "utf8" })) setTime(join(into, path));
  setTime(into);
  if (filesInput(into, input.mount)?.digest === input.digest) return;
  throw new HadronError(`Files in "${input.host}" were changed during the build`, {
    kind: "input",
    code: "INPUT_CHANGED",
    at: input.host,
    hint: "Start the build again",
  });
}

/** Whatever the umask. */
function makeFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })) return;
  makeFolder(dirname(path));
  mkdirSync(path);
  chmodSync(path, 0o755);
}

function setTime(path: string): void {
  lutimesSync(path, sourceDateEpoch, sourceDateEpoch);
}
