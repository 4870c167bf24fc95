import { describe, expect, it } from "vitest";
import { failureHints } from "./failure-hints.ts";

describe("failureHints", () => {
  it.each([
    "curl: (6) Could not resolve host: example.org",
    "socket.gaierror: [Errno -3] Temporary failure in name resolution",
    "bash: connect: Network is unreachable",
    "wget: bad address 'example.org'",
  ])("knows a missing network: %s", async (line) => {
    expect(await failureHints(`cc -c a.c\n${line}\n`, "/")).toEqual([expect.stringContaining("no network")]);
  });

  it("knows a write to what is read-only, and has nothing to say to the rest", async () => {
    expect(await failureHints("cp: cannot create 'x': Read-only file system", "/")).toHaveLength(1);
    expect(await failureHints("error: expected ';' before '}' token", "/nonexistent")).toEqual([]);
  });
});
