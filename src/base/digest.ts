import { createHash } from "node:crypto";
import { open } from "node:fs/promises";

/** Lower-case hexadecimal SHA-256, 64 characters. */
export type Sha256 = string;

export function sha256(data: string | Uint8Array): Sha256 {
  return createHash("sha256").update(data).digest("hex");
}

/** Reads by hand: half the time of a stream, which counts for disk images. */
export async function sha256OfFile(path: string): Promise<Sha256> {
  const hash = createHash("sha256");
  const buffer = Buffer.allocUnsafe(4 << 20);
  await using file = await open(path);
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
    if (bytesRead === 0) return hash.digest("hex");
    hash.update(buffer.subarray(0, bytesRead));
  }
}
