import { open } from "node:fs/promises";

/** The last lines of a text file, however large it is. */
export async function tailOf(path: string, lines: number): Promise<string> {
  await using file = await open(path);
  const { size } = await file.stat();
  const length = Math.min(size, 64 * 1024);
  const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
  return buffer.toString("utf8").trimEnd().split("\n").slice(-lines).join("\n");
}
