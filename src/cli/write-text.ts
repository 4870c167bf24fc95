import { HadronError, messageOf, writeFileAtomic } from "../base/mod.ts";

/**
 * Writes a file that the command line asked for, whole or not at all.
 * @param code Of the error
 * @throws HadronError of kind `usage`
 */
export async function writeText(path: string, text: string, code: string): Promise<void> {
  await writeFileAtomic(path, text).catch((error: unknown) => {
    throw new HadronError(`Could not write "${path}": ${messageOf(error)}`, {
      kind: "usage",
      code,
      at: path,
      hint: "Name a file in a folder that you may write to",
      cause: error,
    });
  });
}
