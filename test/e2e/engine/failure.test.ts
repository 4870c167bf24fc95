import { readFile, rm, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { exitStatus, HadronError, silent } from "../../../src/base/mod.ts";
import { exportCache } from "../../../src/engine/mod.ts";
import { bubblewrapCommand } from "../../../src/engine/sandbox/sandbox.ts";
import { startBuild } from "./start-build.ts";
import { contentOf, openWorkbench, realToolbox, step } from "./workbench.ts";

async function failureOf(promise: Promise<unknown>): Promise<HadronError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof HadronError) return error;
  throw new Error(`Expected a HadronError, got ${String(error)}`);
}

describe("a step that fails", () => {
  it("says its recipe's line, the end of its log, where the log is, and how to enter its sandbox", async () => {
    await using bench = await openWorkbench();
    const failing = step("zlib", "for i in $(seq 100); do echo line $i; done; echo to stderr >&2; exit 3");
    const error = await failureOf(bench.build([failing]));
    expect(error).toMatchObject({ kind: "step", code: "STEP_FAILED", at: "recipes/zlib/recipe.ts:7" });
    expect(exitStatus[error.kind]).toBe(5);
    expect(error.message).toContain('"zlib" failed with exit status 3');
    expect(error.detail?.split("\n")).toHaveLength(30);
    expect(error.detail).toMatch(/line 100\nto stderr$/);
    expect(error.hint).toContain("hadron build zlib --shell");
    const log = /Whole log: (\S+\.log)/.exec(error.hint ?? "")?.[1] ?? "";
    expect((await readFile(log, "utf8")).split("\n")[0]).toBe("line 1");
  });

  it("leaves nothing behind but its log, ends the others, and is run again next time", async () => {
    await using bench = await openWorkbench();
    const slow = step("slow", "sleep 600");
    const failing = step("failing", "echo half > /out/half; sleep 1; false");
    const began = performance.now();
    await failureOf(bench.build([slow, failing], ["slow", "failing"], { jobs: 4 }));
    expect(performance.now() - began).toBeLessThan(60_000);
    expect(await contentOf(bench.root)).toEqual({ work: [], results: [], objects: [] });
    bench.outcomes();
    await failureOf(bench.build([failing]));
    expect(bench.outcomes()).toEqual(["failed failing"]);
  });

  it("one that leaves nothing in /out is refused, again each time", async () => {
    await using bench = await openWorkbench();
    for (const _ of [1, 2]) {
      const error = await failureOf(bench.build([step("empty", "mkdir /out/folder")]));
      expect(error).toMatchObject({ code: "STEP_EMPTY", at: "recipes/empty/recipe.ts:7" });
    }
    expect(await contentOf(bench.root)).toEqual({ work: [], results: [], objects: [] });
    await bench.build([step("zlib:test", "true")]);
    expect(bench.outcomes()).toContain("built zlib:test");
  });

  it("one that leaves a pipe in /out is refused", async () => {
    await using bench = await openWorkbench();
    const error = await failureOf(bench.build([step("piped", "mkfifo /out/pipe")]));
    expect(error).toMatchObject({ code: "TREE_SPECIAL_FILE" });
    expect(await contentOf(bench.root)).toEqual({ work: [], results: [], objects: [] });
  });

  it("cancelling ends it at once and leaves nothing", async () => {
    await using bench = await openWorkbench();
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 500);
    const slow = step("slow", "exec -a hadron-cancelled-step sleep 600");
    await expect(bench.build([slow], ["slow"], { signal: abort.signal })).rejects.toThrow();
    expect((await contentOf(bench.root)).work).toEqual([]);
  });
});

describe("a disk that is full", () => {
  /** With the cache folder in so many bytes of memory. */
  async function inSmallCache(root: string, bytes: number): Promise<string[]> {
    const { bubblewrap } = await realToolbox();
    return [...bubblewrapCommand(bubblewrap), "--dev-bind", "/", "/", "--size", String(bytes), "--tmpfs", root];
  }

  it("fills up during a step: the failure says so, and nothing half-made is left", async () => {
    await using bench = await openWorkbench();
    const fill = step("fill", "dd if=/dev/zero of=/out/zeros bs=1M count=100");
    const outcome = await startBuild(
      { root: bench.root, steps: [fill], collect: true },
      await inSmallCache(bench.root, 40 << 20),
    ).ended;
    expect(outcome?.error).toMatchObject({ code: "STEP_FAILED", hint: expect.stringContaining("disk is full") });
    expect(outcome?.content).toEqual({ work: [], results: [], objects: [] });
  });

  it("fills up while the store takes something in: STORE_FULL, what is there stays whole, and gc still works", async () => {
    await using bench = await openWorkbench();
    const small = step("small", "echo small > /out/small");
    const large = step("large", "head -c 30000000 /dev/zero > /out/large");
    const exported = join(bench.root, "..", `${basename(bench.root)}-exported`);
    await exportCache(bench.store, [...(await bench.build([small, large])).values()], exported, { emit: silent });
    const task = { root: bench.root, steps: [small, large], cacheFrom: [exported], collect: true };
    const outcome = await startBuild(task, await inSmallCache(bench.root, 10 << 20)).ended;
    await rm(exported, { recursive: true });
    expect(outcome?.error).toMatchObject({
      kind: "store",
      code: "STORE_FULL",
      hint: expect.stringContaining("hadron store gc"),
    });
    expect(outcome?.content.work).toEqual([]);
    expect(outcome?.content.objects.length).toBeLessThan(2);
    expect(outcome?.collected).toBe(true);
  });

  it("a cache folder that is read-only is refused", async () => {
    await using bench = await openWorkbench();
    const { bubblewrap } = await realToolbox();
    const wrapper = [...bubblewrapCommand(bubblewrap), "--dev-bind", "/", "/", "--ro-bind", bench.root, bench.root];
    const outcome = await startBuild({ root: bench.root, steps: [] }, wrapper).ended;
    expect(outcome?.error).toMatchObject({
      kind: "store",
      code: "STORE_READ_ONLY",
      hint: expect.stringContaining("HADRON_CACHE"),
    });
  });
});

describe("a machine without user namespaces", () => {
  it("is refused before anything is built, with what mends it", async () => {
    await using bench = await openWorkbench();
    const { bubblewrap } = await realToolbox();
    const without = ["--unshare-user", "--disable-userns", "--dev-bind", "/", "/"];
    const task = { root: bench.root, steps: [step("a", "echo a > /out/a")] };
    const outcome = await startBuild(task, [...bubblewrapCommand(bubblewrap), ...without]).ended;
    expect(outcome?.error).toMatchObject({ kind: "host", code: "HOST_NO_USER_NAMESPACES" });
    expect(outcome?.error?.hint).toBeTruthy();
    expect(await contentOf(bench.root)).toEqual({ work: [], results: [], objects: [] });
    await expect(stat(join(bench.root, "logs/a"))).rejects.toThrow();
  });
});
