import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, it } from "vitest";
import { descendants } from "./kill-descendants.ts";

it("finds the processes that this one started, and theirs", async () => {
  const child = spawn("sh", ["-c", "sleep 60 & echo $!; wait"], { stdio: ["ignore", "pipe", "ignore"] });
  try {
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    expect(descendants(process.pid)).toEqual(expect.arrayContaining([child.pid, Number(line.toString())]));
  } finally {
    for (const pid of descendants(child.pid ?? 0)) process.kill(pid, "SIGKILL");
    child.kill("SIGKILL");
  }
});
