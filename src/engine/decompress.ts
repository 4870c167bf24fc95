import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { gunzip, zstdDecompress } from "node:zlib";
import { HadronError, isSystemError, messageOf } from "../base/mod.ts";

/** What Node can't, the host's programs do. */
const programs: Readonly<Record<string, string>> = { xz: "xz", bz2: "bzip2" };

/**
 * The content of a compressed file, whole, by how its name ends; undefined for a name that says nothing of the kind.
 * @throws HadronError of kind `host`: `TOOL_MISSING`; of kind `source`: `ARCHIVE_DAMAGED`
 */
export async function decompressFile(path: string, name: string): Promise<Buffer | undefined> {
  const ending = /\.(gz|xz|bz2|zst)$/.exec(name)?.[1];
  if (ending === undefined) return undefined;
  const program = programs[ending];
  try {
    if (program !== undefined) {
      const run = promisify(execFile);
      return (await run(program, ["-dc", path], { encoding: "buffer", maxBuffer: Number.MAX_SAFE_INTEGER })).stdout;
    }
    const unpack: (packed: Buffer) => Promise<Buffer> = promisify(ending === "gz" ? gunzip : zstdDecompress);
    return await unpack(await readFile(path));
  } catch (error) {
    if (program !== undefined && isSystemError(error, "ENOENT"))
      throw new HadronError(`The program ${program} is missing`, {
        kind: "host",
        code: "TOOL_MISSING",
        hint: `Install it (Debian, Ubuntu: apt install ${program === "xz" ? "xz-utils" : program})`,
        cause: error,
      });
    throw new HadronError(`Could not unpack "${name}": ${messageOf(error)}`, {
      kind: "source",
      code: "ARCHIVE_DAMAGED",
      at: path,
      hint: "Remove the file and fetch it again: the lock may pin a file that is damaged where it comes from",
      cause: error,
    });
  }
}
