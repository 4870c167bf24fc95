import { readdirSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { openStore, verifyStore } from "../../../src/engine/mod.ts";
import { startBuild } from "./start-build.ts";
import { contentOf, openWorkbench, step } from "./workbench.ts";

/** All processes whose command line holds a word. */
function processesWith(word: string): { pid: number; line: string }[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return { pid: Number(pid), line: readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ") };
      } catch {
        return { pid: Number(pid), line: "" };
      }
    })
    .filter(({ line }) => line.includes(word) && !line.includes("build-process.ts"));
}

/** @param interval Milliseconds between two looks */
async function until(condition: () => boolean, interval = 100): Promise<void> {
  for (let waited = 0; !condition(); waited += interval) {
    if (waited > 60_000) throw new Error("Waited 60 s in vain");
    await sleep(interval);
  }
}

describe("kill -9 of a build", () => {
  it("ends the sandbox, and leaves nothing that looks finished", async () => {
    await using bench = await openWorkbench();
    const mark = `314159.${process.pid}`;
    const done = step("done", "echo done > /out/done");
    const half = step("half", `echo half > /out/half; sleep ${mark}`, ["done"]);
    const build = startBuild({ root: bench.root, steps: [done, half] });
    await until(() => processesWith(mark).length > 0);
    build.child.kill("SIGKILL");
    await build.ended;
    await until(() => processesWith(mark).length === 0);

    const after = await contentOf(bench.root);
    expect(after.work).toHaveLength(1);
    expect(after.results).toHaveLength(1);
    const store = await openStore(bench.root);
    expect((await contentOf(bench.root)).work).toEqual([]);
    expect(await verifyStore(store)).toMatchObject({ checked: 1, damaged: [] });
    await bench.build([done, step("half", "cp /needs/done/done /out/half", ["done"])]);
    expect(bench.outcomes()).toEqual(["built half", "cached done"]);
  });

  it("at any moment leaves a store in which everything is whole", async () => {
    await using bench = await openWorkbench();
    const chain = Array.from({ length: 24 }, (_, index) =>
      step(
        `s${index}`,
        `head -c 300000 /dev/zero | tee /out/a > /out/b; echo ${index} > /out/c`,
        index === 0 ? [] : [`s${index - 1}`],
      ),
    );
    // After the second step of each run began, so while one of them is run, taken in, or followed by the next.
    for (const delay of [0, 20, 40, 60, 80, 100]) {
      const build = startBuild({ root: bench.root, steps: chain });
      await until(() => build.events.filter(({ type }) => type === "step-start").length > 1, 1);
      await sleep(delay);
      build.child.kill("SIGKILL");
      expect(await build.ended).toBeUndefined();
      const store = await openStore(bench.root);
      const { results, objects, work } = await contentOf(bench.root);
      expect(work).toEqual([]);
      expect(results.length).toBeGreaterThan(0);
      expect(results.length).toBeLessThan(chain.length);
      expect(await verifyStore(store)).toMatchObject({ checked: objects.length, damaged: [] });
      for (const name of results) expect(await store.find(name.slice(0, -".json".length))).toBeDefined();
    }
    await bench.build(chain);
    expect(bench.outcomes()).toHaveLength(chain.length);
  });
});

describe("two builds at the same time with one cache", () => {
  it("one waits for the other, and both succeed", async () => {
    await using bench = await openWorkbench();
    // It goes on when the other one is seen to wait, however long that takes.
    const mark = `314160.${process.pid}`;
    const slow = step("slow", `sleep ${mark} || true; echo done > /out/done`);
    const first = startBuild({ root: bench.root, steps: [slow] });
    await first.heard("step-start");
    const second = startBuild({ root: bench.root, steps: [slow, step("more", "cp /needs/slow/done /out/", ["slow"])] });
    expect(await second.heard("note")).toMatchObject({
      message: expect.stringContaining(`Waiting for another build on this machine (process ${first.child.pid})`),
    });
    const sleeping = () => processesWith(mark).filter(({ line }) => line.startsWith("sleep "));
    await until(() => sleeping().length > 0);
    for (const { pid } of sleeping()) process.kill(pid);
    const [one, two] = await Promise.all([first.ended, second.ended]);
    expect(one?.error).toBeUndefined();
    expect(two?.error).toBeUndefined();
    expect(two?.outputs.slow).toBe(one?.outputs.slow);
    const outcomes = second.events.flatMap((event) => (event.type === "step-end" ? [event.outcome] : []));
    expect(outcomes).toEqual(["cached", "built"]);
  });

  it("without the lock they do not harm each other either", async () => {
    await using bench = await openWorkbench();
    const steps = ["a", "b", "c"].map((name) => step(name, `echo ${name} > /out/${name}; sleep 0.2`));
    const other = await openStore(bench.root);
    const [one, two] = await Promise.all([bench.build(steps), bench.build(steps, undefined, { store: other })]);
    expect([...two.values()].map(({ output }) => output)).toEqual([...one.values()].map(({ output }) => output));
    for (const { path, step: id } of one.values()) expect(await readFile(join(path, id), "utf8")).toBe(`${id}\n`);
    expect((await contentOf(bench.root)).work).toEqual([]);
  });
});
