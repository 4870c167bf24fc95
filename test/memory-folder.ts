import { readFileSync, statfsSync } from "node:fs";

/**
 * Lets temporary files of this process be in memory, where a flush to the disk costs nothing. Not where there is little of it, as in containers,
 * or where nothing may be run.
 */
export function keepFilesInMemory(): void {
  const memory = "/dev/shm";
  const mount = readFileSync("/proc/mounts", "utf8")
    .split("\n")
    .find((line) => line.split(" ")[1] === memory);
  if (!mount?.includes(" tmpfs ") || mount.includes("noexec")) return;
  const { bavail, bsize } = statfsSync(memory);
  if (bavail * bsize > 2 ** 30) process.env.TMPDIR = memory;
}
