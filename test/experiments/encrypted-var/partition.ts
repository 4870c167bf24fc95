import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { partitionOf } from "../../e2e/support/partitions.ts";

/** What of a LUKS2 header is looked at (LUKS2 On-Disk Format Specification). */
export interface LuksHeader {
  keyslots: Record<string, { type: string }>;
  segments: Record<string, { encryption: string }>;
  tokens: Record<string, Record<string, unknown>>;
}

const piece = 2 ** 20;

/** Of the partition of a type on a raw disk. @returns `undefined` where there is no header, "ext4" where it is that file system */
export async function headerOf(disk: string, type: string): Promise<LuksHeader | "ext4" | undefined> {
  const { start } = await partitionOf(disk, type);
  await using file = await open(disk);
  const read = async (offset: number, length: number): Promise<Buffer> =>
    (await file.read(Buffer.alloc(length), 0, length, start + offset)).buffer;
  const first = await read(0, 4096);
  if (first.subarray(0, 6).toString("latin1") === "LUKS\xba\xbe" && first.readUInt16BE(6) === 2) {
    const json = await read(4096, Number(first.readBigUInt64BE(8)) - 4096);
    return JSON.parse(json.subarray(0, json.indexOf(0)).toString("utf8")) as LuksHeader;
  }
  return first.readUInt16LE(1024 + 56) === 0xef53 ? "ext4" : undefined;
}

/** Whether a text of one line stands anywhere in the partition of a type. */
export async function hasText(disk: string, type: string, text: string): Promise<boolean> {
  let end = Buffer.alloc(0);
  for await (const bytes of piecesOf(disk, type)) {
    if (Buffer.concat([end, bytes]).includes(text)) return true;
    end = Buffer.from(bytes.subarray(-text.length));
  }
  return false;
}

export async function digestOf(disk: string, type: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const bytes of piecesOf(disk, type)) hash.update(bytes);
  return hash.digest("hex");
}

/** Overwrites a partition with that of another disk of the same layout: how a test puts another UKI onto the ESP. */
export async function copyPartition(from: string, to: string, type: string): Promise<void> {
  const place = await partitionOf(to, type);
  const { start, size } = await partitionOf(from, type);
  if (place.start !== start || place.size !== size) throw new Error(`"${from}" and "${to}" have other partitions`);
  await using file = await open(to, "r+");
  let offset = start;
  for await (const bytes of piecesOf(from, type)) {
    await writeAll(file, bytes, offset);
    offset += bytes.length;
  }
  await file.sync();
}

async function* piecesOf(disk: string, type: string): AsyncGenerator<Buffer> {
  const { start, size } = await partitionOf(disk, type);
  await using file = await open(disk);
  const buffer = Buffer.alloc(piece);
  for (let done = 0; done < size; ) {
    const { bytesRead } = await file.read(buffer, 0, Math.min(piece, size - done), start + done);
    if (bytesRead === 0) throw new Error(`"${disk}" ends within its partition ${type}`);
    yield buffer.subarray(0, bytesRead);
    done += bytesRead;
  }
}

async function writeAll(file: FileHandle, bytes: Buffer, offset: number): Promise<void> {
  for (let done = 0; done < bytes.length; )
    done += (await file.write(bytes, done, bytes.length - done, offset + done)).bytesWritten;
}
