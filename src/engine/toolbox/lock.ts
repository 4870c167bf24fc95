import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { HadronError, isSystemError, messageOf, programName, projectRoot } from "../../base/mod.ts";

const lockedPackage = z.strictObject({
  name: z.string(),
  version: z.string(),
  /** Path below the root of Debian's archive. */
  file: z.string().regex(/^pool\/(?!(?:.*\/)?\.\.\/)[\w+.~/-]+\.deb$/),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  size: z.int().positive(),
});

const toolboxLock = z.strictObject({
  suite: z.string(),
  /** The date that the archive's Release file states, ISO 8601. */
  date: z.string(),
  sets: z.record(z.string(), z.strictObject({ packages: z.array(lockedPackage) })),
});

export type LockedPackage = z.infer<typeof lockedPackage>;
export type ToolboxLock = z.infer<typeof toolboxLock>;

export const toolboxLockPath: string = join(projectRoot, "toolbox.lock.json");

/** @throws HadronError of kind `input`: `TOOLBOX_LOCK_MISSING`, `TOOLBOX_LOCK_INVALID`. */
export async function readToolboxLock(path: string = toolboxLockPath): Promise<ToolboxLock> {
  try {
    return toolboxLock.parse(JSON.parse(await readFile(path, "utf8")));
  } catch (error) {
    if (isSystemError(error, "ENOENT")) {
      throw new HadronError(`The toolbox lock "${path}" is missing`, {
        kind: "input",
        code: "TOOLBOX_LOCK_MISSING",
        at: path,
        hint: `Restore it from git, or solve it afresh with: ${programName()} toolbox update`,
      });
    }
    throw new HadronError(`The toolbox lock "${path}" is invalid: ${messageOf(error)}`, {
      kind: "input",
      code: "TOOLBOX_LOCK_INVALID",
      at: path,
      hint: `Restore it from git, or solve it afresh with: ${programName()} toolbox update`,
      cause: error,
    });
  }
}
