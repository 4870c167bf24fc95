import { mkdtemp, open, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { copySparseFile, dataBlocks } from "./sparse-file.ts";

const mebibyte = 1 << 20;
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hadron-sparse-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it("gives only the blocks with data, the last one as long as it is", async () => {
  const content = Buffer.alloc(4 * mebibyte + 100);
  content[65_536] = 1;
  content[3 * mebibyte - 1] = 2;
  content[content.length - 1] = 3;
  await writeFile(join(folder, "file"), content);
  await using file = await open(join(folder, "file"));
  const seen: [number, number][] = [];
  for await (const blocks of dataBlocks(file, 65_536))
    for (const { offset, data } of blocks) {
      seen.push([offset, data.length]);
      expect(data.equals(content.subarray(offset, offset + data.length))).toBe(true);
    }
  expect(seen).toEqual([
    [65_536, 65_536],
    [3 * mebibyte - 65_536, 65_536],
    [4 * mebibyte, 100],
  ]);
});

it("copies every byte, and leaves holes where there are zeros", async () => {
  const content = Buffer.alloc(4 * mebibyte + 123);
  content.write("begin", 0);
  content.write("middle", 3 * mebibyte - 3);
  await writeFile(join(folder, "from"), content);
  await writeFile(join(folder, "to"), Buffer.alloc(5 * mebibyte, 1));
  await copySparseFile(join(folder, "from"), join(folder, "to"));
  expect((await readFile(join(folder, "to"))).equals(content)).toBe(true);
  // A clone takes as much as its original says, which was written without holes.
  const { blocks } = await stat(join(folder, "to"));
  expect(blocks).toBeLessThanOrEqual((await stat(join(folder, "from"))).blocks);
});

it("stops when it is told to", async () => {
  await writeFile(join(folder, "file"), Buffer.alloc(2 * mebibyte, 1));
  await using file = await open(join(folder, "file"));
  const abort = new AbortController();
  const read = async () => {
    for await (const _ of dataBlocks(file, 65_536, { signal: abort.signal })) abort.abort(new Error("Enough"));
  };
  await expect(read()).rejects.toThrow("Enough");
});
