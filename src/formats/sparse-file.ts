import { constants } from "node:fs";
import { copyFile, type FileHandle, open, rm } from "node:fs/promises";

/** Bytes read at once; a whole run of zeros of this size is passed over with one comparison. */
const chunkBytes = 1 << 20;
const copyBlock = 1 << 16;
const zeros = Buffer.alloc(chunkBytes);

export interface DataBlock {
  /** Bytes from the start of the file; a multiple of the block size. */
  offset: number;
  /** One block, shorter only at the end of the file. Its memory is used again for the next blocks. */
  data: Buffer;
}

/**
 * The blocks of a file that hold anything but zeros, in order, in groups of at most 1 MiB. Node can't ask for holes
 * (`SEEK_DATA`), but the kernel gives their zeros from memory: a GiB of them takes about half a second.
 * @param blockBytes A power of two, at most 1 MiB
 */
export async function* dataBlocks(
  file: FileHandle,
  blockBytes: number,
  options: { signal?: AbortSignal | undefined } = {},
): AsyncGenerator<DataBlock[]> {
  const chunk = Buffer.alloc(chunkBytes);
  for (let position = 0; ; position += chunkBytes) {
    options.signal?.throwIfAborted();
    const length = await readFull(file, chunk, position);
    if (!isZero(chunk.subarray(0, length))) {
      const blocks: DataBlock[] = [];
      for (let start = 0; start < length; start += blockBytes) {
        const data = chunk.subarray(start, Math.min(start + blockBytes, length));
        if (!isZero(data)) blocks.push({ offset: position + start, data });
      }
      yield blocks;
    }
    if (length < chunkBytes) return;
  }
}

/**
 * Copies a file's content so that what is zero takes no space: as a clone that shares its blocks where the file system can
 * (btrfs, xfs), otherwise block by block. What `to` names is replaced; after a failure a part of the copy may be there.
 */
export async function copySparseFile(
  from: string,
  to: string,
  options: { signal?: AbortSignal | undefined } = {},
): Promise<void> {
  await rm(to, { force: true });
  const flags = constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE;
  if (await copyFile(from, to, flags).then(succeeded, failed)) return;
  await using source = await open(from, "r");
  await using target = await open(to, "w", 0o644);
  for await (const blocks of dataBlocks(source, copyBlock, options))
    for (const { offset, data } of blocks) await writeFull(target, data, offset);
  await target.truncate((await source.stat()).size);
}

/** Writes all of it; one call of the system may write less. */
export async function writeFull(file: FileHandle, data: Buffer, position: number): Promise<void> {
  for (let done = 0; done < data.length; )
    done += (await file.write(data, done, data.length - done, position + done)).bytesWritten;
}

async function readFull(file: FileHandle, into: Buffer, position: number): Promise<number> {
  let done = 0;
  while (done < into.length) {
    const { bytesRead } = await file.read(into, done, into.length - done, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return done;
}

function isZero(data: Buffer): boolean {
  return data.equals(zeros.subarray(0, data.length));
}

function succeeded(): boolean {
  return true;
}

function failed(): boolean {
  return false;
}
