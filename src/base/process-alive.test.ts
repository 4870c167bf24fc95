import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { isProcessAlive } from "./process-alive.ts";

test("tells a running process from one that has ended", () => {
  expect(isProcessAlive(process.pid)).toBe(true);
  expect(isProcessAlive(process.ppid)).toBe(true);
  expect(isProcessAlive(spawnSync("true").pid)).toBe(false);
});

test("counts a process that nobody has reaped as ended", async () => {
  // The shell becomes a sleep, which never waits for the child that the shell started.
  const parent = spawn("sh", ["-c", "sleep 0.05 & echo $!; exec sleep 30"], { stdio: ["ignore", "pipe", "ignore"] });
  const [line] = (await once(parent.stdout, "data")) as [Buffer];
  const pid = Number(line.toString());
  expect(isProcessAlive(pid)).toBe(true);
  await expect.poll(() => isProcessAlive(pid), { timeout: 5000 }).toBe(false);
  parent.kill();
});
