import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { zstdDecompressSync } from "node:zlib";
import { expect, it } from "vitest";
import { compressed } from "./compress.ts";

it("a small archive is one frame that says its size, for which alone both sides then take memory", async () => {
  const archive = Buffer.alloc(8192, "archive");
  const frame = await buffer(await compressed(Readable.from([archive.subarray(0, 512), archive.subarray(512)]), 8000));
  // Single_Segment_flag, RFC 8878, section 3.1.1.1.1.2; the size of two bytes, section 3.1.1.1.4, lacks 256.
  expect((frame[4] ?? 0) & 0x20).toBe(0x20);
  expect(frame.readUInt16LE(5) + 256).toBe(archive.length);
  expect(zstdDecompressSync(frame).equals(archive)).toBe(true);
});
