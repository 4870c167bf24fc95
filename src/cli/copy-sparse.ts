import { randomBytes } from "node:crypto";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { HadronError, isSystemError, messageOf } from "../base/mod.ts";

const block = 1 << 20;
const zeros = Buffer.alloc(block);

/**
 * Copies a file whole or not at all: written beside, synced, renamed. What is zero becomes a hole, so that a disk image takes
 * only what is in it.
 * @param options.size Bytes that the copy has at least; it is longer by a hole
 * @throws HadronError `OUTPUT_UNWRITABLE`, `OUTPUT_FULL`
 */
export async function copySparse(from: string, to: string, options: { size?: number } = {}): Promise<{ size: number }> {
  const beside = `${to}.${process.pid}.${randomBytes(4).toString("hex")}.part`;
  try {
    await mkdir(dirname(to), { recursive: true });
    await using source = await open(from, "r");
    await using target = await open(beside, "wx", 0o644);
    const buffer = Buffer.alloc(block);
    let position = 0;
    for (;;) {
      const { bytesRead } = await source.read(buffer, 0, block, position);
      if (bytesRead === 0) break;
      const chunk = buffer.subarray(0, bytesRead);
      if (!chunk.equals(zeros.subarray(0, bytesRead))) await writeWhole(target, chunk, position);
      position += bytesRead;
    }
    const size = Math.max(position, options.size ?? 0);
    await target.truncate(size);
    await target.sync();
    await rename(beside, to);
    return { size };
  } catch (error) {
    await rm(beside, { force: true }).catch(() => {});
    throw outputError(error, to) ?? error;
  }
}

async function writeWhole(
  file: { write(data: Buffer, offset: number, length: number, position: number): Promise<{ bytesWritten: number }> },
  data: Buffer,
  position: number,
): Promise<void> {
  for (let offset = 0; offset < data.length; )
    offset += (await file.write(data, offset, data.length - offset, position + offset)).bytesWritten;
}

function outputError(error: unknown, path: string): HadronError | undefined {
  if (isSystemError(error, "ENOSPC", "EDQUOT", "EFBIG"))
    return new HadronError(`No space left to write "${path}"`, {
      kind: "host",
      code: "OUTPUT_FULL",
      at: path,
      hint: "Free some space there, or name another place",
      cause: error,
    });
  if (isSystemError(error, "EACCES", "EPERM", "EROFS", "EISDIR", "ENOTDIR", "EEXIST"))
    return new HadronError(`Could not write "${path}": ${messageOf(error)}`, {
      kind: "usage",
      code: "OUTPUT_UNWRITABLE",
      at: path,
      hint: "Name a file in a folder of yours",
      cause: error,
    });
  return undefined;
}
