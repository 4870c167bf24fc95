import { mkdtemp, open, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inflateRawSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { writeQcow2 } from "./qcow2.ts";

const cluster = 65_536;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "hadron-qcow2-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it("writes the header that QEMU expects", async () => {
  const image = await convert(rawOf(3 * cluster, [{ cluster: 1, bytes: text }]));
  expect(image.subarray(0, 4).toString("latin1")).toBe("QFI\xfb");
  expect(image.readUInt32BE(4)).toBe(3);
  expect(image.readBigUInt64BE(8)).toBe(0n);
  expect(image.readUInt32BE(20)).toBe(16);
  expect(image.readBigUInt64BE(24)).toBe(BigInt(3 * cluster));
  expect([image.readBigUInt64BE(72), image.readBigUInt64BE(80), image.readBigUInt64BE(88)]).toEqual([0n, 0n, 0n]);
  expect([image.readUInt32BE(96), image.readUInt32BE(100)]).toEqual([4, 104]);
  expect(image.length % cluster).toBe(0);
});

it("leaves zeros out, deflates what can be, and stores the rest whole", async () => {
  const { kinds, content } = read(
    await convert(
      rawOf(20 * cluster, [
        { cluster: 0, bytes: text },
        { cluster: 5, bytes: noise(1) },
        { cluster: 19, bytes: text },
      ]),
    ),
  );
  expect(kinds).toEqual(
    new Map([
      ["0", "deflated"],
      ["5", "whole"],
      ["19", "deflated"],
    ]),
  );
  expect(content.subarray(5 * cluster, 6 * cluster).equals(noise(1))).toBe(true);
});

it("takes four clusters for an image of zeros", async () => {
  const image = await convert(Buffer.alloc(33 * cluster));
  expect(image.length).toBe(4 * cluster);
  expect(read(image).kinds.size).toBe(0);
});

it("rounds a raw image up to whole sectors", async () => {
  const { size, content } = read(await convert(Buffer.from("not a whole sector")));
  expect(size).toBe(512);
  expect(content.toString("latin1").replaceAll("\0", "")).toBe("not a whole sector");
  expect(read(await convert(Buffer.alloc(0))).size).toBe(0);
});

it("grows the virtual size, over which the tables then reach, and never shrinks it", async () => {
  const grown = read(await convert(rawOf(3 * cluster, [{ cluster: 1, bytes: text }]), 9, 40 * cluster));
  expect(grown.size).toBe(40 * cluster);
  expect(grown.content.subarray(cluster, 2 * cluster).equals(text)).toBe(true);
  expect(grown.content.subarray(2 * cluster).equals(Buffer.alloc(38 * cluster))).toBe(true);
  expect(read(await convert(Buffer.alloc(3 * cluster), 16, cluster)).size).toBe(3 * cluster);
});

it("fills as many L1, L2 and refcount tables as it takes", async () => {
  // Clusters of 512 bytes: 64 entries a table, 256 refcounts a block. A quarter of them holds something, in each L2 table.
  const size = 4200;
  const raw = Buffer.concat(Array.from({ length: (size * 512) / cluster + 1 }, (_, index) => noise(index)));
  text.copy(raw, 7 * cluster);
  for (let at = 0; at < raw.length; at += 4 * 512) raw.fill(0, at, at + 3 * 512);
  const image = await convert(raw, 9);
  expect(image.readUInt32BE(36)).toBeGreaterThan(64);
  expect(image.length / 512).toBeGreaterThan(4 * 256);
  const { content, kinds } = read(image);
  expect(content.equals(raw)).toBe(true);
  expect(new Set(kinds.values())).toEqual(new Set(["whole", "deflated"]));
});

it("gives equal bytes for equal contents, holes or not", async () => {
  const raw = rawOf(40 * cluster, [{ cluster: 20, bytes: text }]);
  const holes = join(folder, "holes.raw");
  await writeFile(holes, "");
  await truncate(holes, raw.length);
  await using file = await open(holes, "r+");
  await file.write(text, 0, text.length, 20 * cluster);
  await writeQcow2(holes, join(folder, "holes.qcow2"));
  expect((await readFile(join(folder, "holes.qcow2"))).equals(await convert(raw))).toBe(true);
});

it("keeps every byte of any sparse image, with consistent references", async () => {
  const piece = fc.record({
    cluster: fc.nat(19),
    bytes: fc.oneof(
      fc.nat(1000).map(noise),
      fc.constant(text),
      fc.uint8Array({ minLength: 1, maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      fc.nat(cluster - 1).map((length) => Buffer.concat([noise(length).subarray(0, length + 1)], cluster)),
    ),
  });
  const images = fc.constantFrom(9, 12, 16).chain((clusterBits) => {
    // Of the smallest clusters, 640 reach over many tables already.
    const unit = Math.min(cluster, 2 ** (clusterBits + 5));
    return fc
      .tuple(fc.integer({ min: 1, max: 20 * unit }), fc.array(piece, { maxLength: 20 }))
      .map(([size, pieces]) => ({ bytes: rawOf(size, pieces, unit), clusterBits }));
  });
  await fc.assert(
    fc.asyncProperty(images, async ({ bytes, clusterBits }) => {
      const { size, content } = read(await convert(bytes, clusterBits));
      expect(size).toBe(Math.ceil(bytes.length / 512) * 512);
      expect(content.subarray(0, bytes.length).equals(bytes)).toBe(true);
    }),
    { numRuns: 12 },
  );
});

async function convert(raw: Buffer, clusterBits = 16, minBytes = 0): Promise<Buffer> {
  await writeFile(join(folder, "raw"), raw);
  await writeQcow2(join(folder, "raw"), join(folder, "qcow2"), { clusterBits, minBytes });
  return await readFile(join(folder, "qcow2"));
}

function rawOf(size: number, pieces: { cluster: number; bytes: Buffer }[], unit = cluster): Buffer {
  const raw = Buffer.alloc(size);
  for (const piece of pieces) if (piece.cluster * unit < size) piece.bytes.copy(raw, piece.cluster * unit, 0, unit);
  return raw;
}

/** Follows the tables from the header, and counts every cluster that it comes by: the refcounts must say the same. */
function read(image: Buffer) {
  const clusterBits = image.readUInt32BE(20);
  const cluster = 2 ** clusterBits;
  const size = Number(image.readBigUInt64BE(24));
  const content = Buffer.alloc(Math.ceil(size / cluster) * cluster);
  const kinds = new Map<string, string>();
  // Told at the end: an assertion for each of thousands of clusters takes longer than reading them.
  const damaged: string[] = [];
  const references = new Array<number>(image.length / cluster).fill(0);
  const refer = (from: number, length: number): void => {
    for (let at = Math.floor(from / cluster); at <= Math.floor((from + length - 1) / cluster); at++)
      references[at] = (references[at] ?? Number.NaN) + 1;
  };
  refer(0, cluster);
  const l1Length = image.readUInt32BE(36);
  const l1At = Number(image.readBigUInt64BE(40));
  refer(l1At, Math.ceil((l1Length * 8) / cluster) * cluster);
  for (const [l1Index, l2At] of offsetsIn(image, l1At, l1Length)) {
    refer(l2At, cluster);
    for (let index = 0; index < cluster / 8; index++) {
      const entry = image.readBigUInt64BE(l2At + index * 8);
      if (entry === 0n) continue;
      const guest = l1Index * (cluster / 8) + index;
      if (entry >> 62n === 1n) {
        const shift = BigInt(62 - (clusterBits - 8));
        const at = Number(entry & ((1n << shift) - 1n));
        const end = (Math.floor(at / 512) + 1 + Number((entry & ((1n << 62n) - 1n)) >> shift)) * 512;
        refer(at, end - at);
        const bytes = inflateRawSync(image.subarray(at, end), { windowBits: 12, finishFlush: 2 });
        if (bytes.length !== cluster) damaged.push(`${guest}: ${bytes.length} bytes`);
        bytes.copy(content, guest * cluster);
        kinds.set(`${guest}`, "deflated");
      } else {
        const at = Number(entry & 0x00ff_ffff_ffff_fe00n);
        if (entry >> 63n !== 1n || at % cluster !== 0) damaged.push(`${guest}: entry ${entry.toString(16)}`);
        refer(at, cluster);
        image.copy(content, guest * cluster, at, at + cluster);
        kinds.set(`${guest}`, "whole");
      }
    }
  }
  expect(damaged).toEqual([]);
  const tableAt = Number(image.readBigUInt64BE(48));
  const tableBytes = image.readUInt32BE(56) * cluster;
  refer(tableAt, tableBytes);
  const blocks = offsetsIn(image, tableAt, tableBytes / 8);
  for (const [, at] of blocks) refer(at, cluster);
  const counts = references.map((_, index) => {
    const block = blocks.get(Math.floor(index / (cluster / 2)));
    return block === undefined ? 0 : image.readUInt16BE(block + (index % (cluster / 2)) * 2);
  });
  expect(counts).toEqual(references);
  return { size, content: content.subarray(0, size), kinds };
}

function offsetsIn(image: Buffer, table: number, length: number): Map<number, number> {
  const found = new Map<number, number>();
  for (let index = 0; index < length; index++) {
    const offset = Number(image.readBigUInt64BE(table + index * 8) & 0x00ff_ffff_ffff_fe00n);
    if (offset !== 0) found.set(index, offset);
  }
  return found;
}

const text = Buffer.alloc(cluster, "aaaaaaaaaaaaaabbbbbbbbbbbbbbbbbbbb\n");

/** A cluster that does not compress, the same each time (xorshift32). */
function noise(seed: number): Buffer {
  const bytes = Buffer.alloc(cluster);
  let state = seed * 2_654_435_761 + 1;
  for (let at = 0; at < cluster; at += 4) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes.writeInt32LE(state | 0, at);
  }
  return bytes;
}
