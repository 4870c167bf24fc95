import { readFileSync, statfsSync } from "node:fs";
import fc from "fast-check";

/** The gate sees the same inputs each time: a failure is then a change of the code, never luck. */
fc.configureGlobal({ seed: 262 });

/** In memory a flush to the disk costs nothing. Not where there is little of it, as in containers, or where nothing may be run. */
const memory = "/dev/shm";
const mount = readFileSync("/proc/mounts", "utf8")
  .split("\n")
  .find((line) => line.split(" ")[1] === memory);
if (mount?.includes(" tmpfs ") && !mount.includes("noexec")) {
  const { bavail, bsize } = statfsSync(memory);
  if (bavail * bsize > 2 ** 30) process.env.TMPDIR = memory;
}
