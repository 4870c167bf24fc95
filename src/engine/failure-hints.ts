import { statfs } from "node:fs/promises";
import { programName } from "../base/mod.ts";

/** What a step's last words may mean. */
const knownWords: { pattern: RegExp; hint: string }[] = [
  {
    pattern: /could ?n[o']t? resolve|name resolution|name or service not known|network is unreachable|bad address/i,
    hint: "Steps have no network: what they take from it belongs in `sources`",
  },
  {
    pattern: /read-only file system/i,
    hint: "A step can write to /build, /out and /tmp only: its inputs and the toolbox are read-only",
  },
];

/** Below so many bytes, or so many inodes, a step that failed has most likely filled the disk. */
const scarce = { bytes: 32 << 20, inodes: 64 };

/** Guesses at why a step failed, from the end of its log and from what is left of the disk that it wrote to. */
export async function failureHints(logTail: string, cacheRoot: string): Promise<string[]> {
  const hints = knownWords.filter(({ pattern }) => pattern.test(logTail)).map(({ hint }) => hint);
  const disk = await statfs(cacheRoot).catch(() => undefined);
  const isFull = disk && (disk.bavail * disk.bsize < scarce.bytes || (disk.files > 0 && disk.ffree < scarce.inodes));
  if (isFull)
    hints.unshift(
      `The cache folder's disk is full: ${programName()} store gc --older-than 7 removes what no build used for a week, HADRON_CACHE names another`,
    );
  return hints;
}
