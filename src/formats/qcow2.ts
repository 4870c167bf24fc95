import { type FileHandle, open } from "node:fs/promises";
import { promisify } from "node:util";
import { constants, deflateRaw, type ZlibOptions } from "node:zlib";
import { dataBlocks, writeFull } from "./sparse-file.ts";

/*
 * QCOW2 version 3, after QEMU's docs/interop/qcow2.txt; sections are named in quotes. All numbers are big-endian.
 *
 * The file: the header's cluster, data clusters in the guest's order (whole ones, and compressed ones packed byte to byte), then
 * L2 tables, L1 table, refcount table, refcount blocks. The header is written last, so a half-written file is no image.
 */

const sectorBytes = 512;
/** "Header", refcount_order: 16 bits a cluster. */
const refcountOrder = 4;
const refcountBytes = 2;
/** Entries of L1, L2 and refcount tables. */
const entryBytes = 8;
const headerBytes = 104;

/** "Cluster mapping", bit 63: this reference is the only one. */
const copied = 1n << 63n;
/** "L2 table entry", bit 62. */
const compressed = 1n << 62n;

/**
 * compression_type 0 (raw deflate), which every QEMU reads. On an erofs of lz4hc it leaves 88 %, where zstd (type 1, QEMU ≥ 5.1)
 * would leave 85 %. QEMU inflates with a window of 12 bits, so no larger one will do. The strategy is RLE: the others look for
 * matches through a hash that Node's zlib may compute by instructions that not every CPU has, and the bytes would follow the machine.
 */
const deflateOptions = {
  level: 6,
  windowBits: 12,
  memLevel: 9,
  strategy: constants.Z_RLE,
};
const deflate = promisify<Buffer, ZlibOptions, Buffer>(deflateRaw);

/** The host file while it grows. Clusters are handed out in order, so the number of refcounts is the next free cluster. */
interface HostFile {
  file: FileHandle;
  clusterBits: number;
  clusterBytes: number;
  refcounts: number[];
  /** Where the next compressed cluster's bytes go; at a cluster's start when no cluster is half filled. */
  packAt: number;
}

/**
 * Writes a raw disk image as a QCOW2 image: clusters of zeros are unallocated, the others deflated where that pays. Equal
 * contents give equal bytes. The virtual size is the raw one's, rounded up to whole sectors of 512 bytes.
 * @param options.minBytes What the virtual size is at least; what is added reads as zeros
 * @param options.clusterBits The cluster's size as a power of two, 9 to 20; 64 KiB is what QEMU makes
 * @param outPath Overwritten; after a failure it may hold a part, which no reader takes for an image
 */
export async function writeQcow2(
  rawPath: string,
  outPath: string,
  options: { clusterBits?: number; minBytes?: number; signal?: AbortSignal | undefined } = {},
): Promise<void> {
  const { clusterBits = 16, minBytes = 0 } = options;
  const clusterBytes = 2 ** clusterBits;
  await using raw = await open(rawPath, "r");
  await using file = await open(outPath, "w", 0o644);
  const size = roundUp(Math.max((await raw.stat()).size, minBytes), sectorBytes);
  const host: HostFile = { file, clusterBits, clusterBytes, refcounts: [], packAt: clusterBytes };
  allocate(host, 1);
  const l2Tables = new Map<number, Buffer>();
  for await (const blocks of dataBlocks(raw, clusterBytes, options)) {
    const clusters = await Promise.all(blocks.map(({ data }) => encodeCluster(data, clusterBytes)));
    for (const [index, { offset }] of blocks.entries()) {
      const cluster = clusters[index];
      if (cluster === undefined) throw new Error("A block without its cluster");
      const entry = cluster.deflated ? await placeDeflated(host, cluster.bytes) : await placeWhole(host, cluster.bytes);
      setL2Entry(host, l2Tables, { guestCluster: offset / clusterBytes, entry });
    }
  }
  const l1 = await writeMapping(host, l2Tables, size);
  const refcounts = await writeRefcounts(host);
  await file.truncate(host.refcounts.length * clusterBytes);
  await writeFull(file, header({ clusterBits, size, l1, refcounts }), 0);
}

/** A cluster that saves less than a sixteenth stays as it is: reading it takes no inflating. */
async function encodeCluster(data: Buffer, clusterBytes: number): Promise<{ bytes: Buffer; deflated: boolean }> {
  const whole = data.length === clusterBytes ? data : Buffer.concat([data], clusterBytes);
  const bytes = await deflate(whole, { ...deflateOptions, chunkSize: clusterBytes + 1024 });
  return bytes.length <= clusterBytes - clusterBytes / 16
    ? { bytes, deflated: true }
    : { bytes: whole, deflated: false };
}

/** "Standard Cluster Descriptor". */
async function placeWhole(host: HostFile, bytes: Buffer): Promise<bigint> {
  const at = allocate(host, 1);
  await writeFull(host.file, bytes, at);
  return BigInt(at) | copied;
}

/**
 * "Compressed Clusters Descriptor". The bytes may reach into the next host cluster only where that is still free. A host cluster
 * counts one reference for each compressed cluster that touches it ("Refcounts").
 */
async function placeDeflated(host: HostFile, bytes: Buffer): Promise<bigint> {
  const { clusterBits, clusterBytes } = host;
  const end = host.refcounts.length * clusterBytes;
  const filledUp = roundUp(host.packAt, clusterBytes);
  const at = bytes.length > filledUp - host.packAt && filledUp !== end ? end : host.packAt;
  const last = at + bytes.length - 1;
  for (let cluster = Math.floor(at / clusterBytes); cluster <= Math.floor(last / clusterBytes); cluster++)
    host.refcounts[cluster] = (host.refcounts[cluster] ?? 0) + 1;
  host.packAt = last + 1;
  await writeFull(host.file, bytes, at);
  const additionalSectors = Math.floor(last / sectorBytes) - Math.floor(at / sectorBytes);
  return compressed | (BigInt(additionalSectors) << BigInt(62 - (clusterBits - 8))) | BigInt(at);
}

function setL2Entry(
  { clusterBytes }: HostFile,
  tables: Map<number, Buffer>,
  { guestCluster, entry }: { guestCluster: number; entry: bigint },
): void {
  const entriesPerCluster = clusterBytes / entryBytes;
  const l1Index = Math.floor(guestCluster / entriesPerCluster);
  let table = tables.get(l1Index);
  if (table === undefined) {
    table = Buffer.alloc(clusterBytes);
    tables.set(l1Index, table);
  }
  table.writeBigUInt64BE(entry, (guestCluster % entriesPerCluster) * entryBytes);
}

interface Table {
  offset: number;
  /** Entries of an L1 table; clusters of a refcount table. */
  length: number;
}

/** "Cluster mapping": the L2 tables that have an entry, then the L1 table, which covers the whole disk. */
async function writeMapping(host: HostFile, l2Tables: Map<number, Buffer>, size: number): Promise<Table> {
  const { clusterBytes } = host;
  const length = Math.max(1, Math.ceil(size / (clusterBytes * (clusterBytes / entryBytes))));
  const l1 = Buffer.alloc(roundUp(length * entryBytes, clusterBytes));
  for (const [index, table] of l2Tables) {
    const at = allocate(host, 1);
    await writeFull(host.file, table, at);
    l1.writeBigUInt64BE(BigInt(at) | copied, index * entryBytes);
  }
  const offset = allocate(host, l1.length / clusterBytes);
  await writeFull(host.file, l1, offset);
  return { offset, length };
}

/** "Refcounts": they count the clusters of their own tables too, so how many of these it takes is found by trying. */
async function writeRefcounts(host: HostFile): Promise<Table> {
  const { clusterBytes } = host;
  let blocks = 1;
  let length = 1;
  for (;;) {
    const wanted = Math.ceil((host.refcounts.length + blocks + length) / (clusterBytes / refcountBytes));
    const wantedLength = Math.ceil(wanted / (clusterBytes / entryBytes));
    if (wanted === blocks && wantedLength === length) break;
    blocks = wanted;
    length = wantedLength;
  }
  const offset = allocate(host, length);
  const blocksAt = allocate(host, blocks);
  const table = Buffer.alloc(length * clusterBytes);
  for (let block = 0; block < blocks; block++)
    table.writeBigUInt64BE(BigInt(blocksAt + block * clusterBytes), block * entryBytes);
  const counts = Buffer.alloc(blocks * clusterBytes);
  for (const [cluster, count] of host.refcounts.entries()) counts.writeUInt16BE(count, cluster * refcountBytes);
  await writeFull(host.file, table, offset);
  await writeFull(host.file, counts, blocksAt);
  return { offset, length };
}

interface HeaderFields {
  clusterBits: number;
  size: number;
  l1: Table;
  refcounts: Table;
}

/** "Header", followed by the end of the header extension area (eight zero bytes). No feature bit is set. */
function header({ clusterBits, size, l1, refcounts }: HeaderFields): Buffer {
  const bytes = Buffer.alloc(headerBytes + 8);
  bytes.write("QFI\xfb", 0, "latin1");
  bytes.writeUInt32BE(3, 4);
  bytes.writeUInt32BE(clusterBits, 20);
  bytes.writeBigUInt64BE(BigInt(size), 24);
  bytes.writeUInt32BE(l1.length, 36);
  bytes.writeBigUInt64BE(BigInt(l1.offset), 40);
  bytes.writeBigUInt64BE(BigInt(refcounts.offset), 48);
  bytes.writeUInt32BE(refcounts.length, 56);
  bytes.writeUInt32BE(refcountOrder, 96);
  bytes.writeUInt32BE(headerBytes, 100);
  return bytes;
}

/** Takes the next clusters of the host file, with one reference each. */
function allocate(host: HostFile, clusters: number): number {
  const offset = host.refcounts.length * host.clusterBytes;
  for (let count = 0; count < clusters; count++) host.refcounts.push(1);
  return offset;
}

function roundUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}
