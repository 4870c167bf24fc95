import type { FileHandle } from "node:fs/promises";

/** A part of a file, or all of it. */
export interface Stretch {
  file: FileHandle;
  /** Bytes from the start of the file. */
  offset: number;
  size: number;
}

/** Bytes of it, fewer at its end. */
export async function readAt({ file, offset, size }: Stretch, at: number, length: number): Promise<Buffer> {
  const wanted = Math.max(0, Math.min(length, size - at));
  const bytes = Buffer.alloc(wanted);
  let done = 0;
  while (done < wanted) {
    const { bytesRead } = await file.read(bytes, done, wanted - done, offset + at + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes.subarray(0, done);
}

const chunkBytes = 1 << 20;

/** Where two of them differ first: the length of the shorter one, where that is how the other one begins. */
export async function firstDifference(a: Stretch, b: Stretch): Promise<number | undefined> {
  const shorter = Math.min(a.size, b.size);
  for (let at = 0; at < shorter; at += chunkBytes) {
    const length = Math.min(chunkBytes, shorter - at);
    const [left, right] = [await readAt(a, at, length), await readAt(b, at, length)];
    if (!left.equals(right)) return at + left.findIndex((byte, index) => byte !== right[index]);
  }
  return a.size === b.size ? undefined : shorter;
}
