import { mkdtempDisposable, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runProcess } from "./process.ts";

const shell = (script: string, options = {}) => runProcess("/bin/sh", ["-c", script], options);

describe("runProcess", () => {
  it("gives output and status, whatever the status is", async () => {
    expect(await shell("echo out; echo err >&2; exit 3")).toEqual({ exitCode: 3, stdout: "out\n", stderr: "err\n" });
  });

  it("inherits nothing of the environment", async () => {
    process.env.HADRON_TEST_LEAK = "1";
    const { stdout } = await runProcess("/usr/bin/env", [], { env: { ONLY: "this" } });
    expect(stdout).toBe("ONLY=this\n");
  });

  it("gives 128 + signal number where a signal ended it", async () => {
    expect((await shell("kill -9 $$")).exitCode).toBe(137);
    expect((await shell("kill -TERM $$")).exitCode).toBe(143);
  });

  it("writes stdout and stderr to a log, in their order", async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "hadron-"));
    const logFile = join(folder.path, "log");
    const result = await shell("echo one; echo two >&2; echo three", { logFile });
    expect(result).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    expect(await readFile(logFile, "utf8")).toBe("one\ntwo\nthree\n");
  });

  it("throws where the program cannot be started, or its log not be written", async () => {
    await expect(runProcess("/nonexistent/program", [])).rejects.toThrow();
    await expect(shell("true", { logFile: "/nonexistent/log" })).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("ends it when the signal is given", async () => {
    const abort = new AbortController();
    const running = shell("exec sleep 600", { signal: abort.signal });
    setTimeout(() => abort.abort(), 50);
    expect((await running).exitCode).toBe(143);
  });
});
