import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Event, silent } from "../base/mod.ts";
import { openBuildLock, shareStore, takeBuildLock, takeWholeStore } from "./build-lock.ts";

let names = 0;

/** A lock of a test's own: the real one may be held by a build that goes on meanwhile. */
const freshName = () => `hadron-unit-test-${process.pid}-${names++}`;

describe("the build lock", () => {
  it("lets one build at a time through, and the next when it is given back", async () => {
    const name = freshName();
    const notes: Event[] = [];
    const first = await takeBuildLock(silent, { name });
    let isSecond = false;
    const second = takeBuildLock((event) => notes.push(event), { name }).then((lock) => {
      isSecond = true;
      return lock;
    });
    await new Promise((done) => setTimeout(done, 100));
    expect(isSecond).toBe(false);
    expect(notes).toEqual([
      { type: "note", message: `Waiting for another build on this machine (process ${process.pid})` },
    ]);
    await first[Symbol.asyncDispose]();
    await (await second)[Symbol.asyncDispose]();
    await using _third = await takeBuildLock(silent, { name });
  });

  it("is free when its holder was killed", async () => {
    const name = freshName();
    const script = `
      const { takeBuildLock } = await import("${join(import.meta.dirname, "build-lock.ts")}");
      const lock = await takeBuildLock(() => {}, { name: "${name}" });
      console.log("held");
      setInterval(() => lock, 1000);`;
    const holder = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(holder.stdout, "data");
    const heard = Promise.withResolvers<Event>();
    const waiting = takeBuildLock(heard.resolve, { name });
    expect(await heard.promise).toMatchObject({ message: expect.stringContaining(`process ${holder.pid}`) });
    holder.kill("SIGKILL");
    await using _lock = await waiting;
  });

  it("waiting for it can be ended", async () => {
    const name = freshName();
    await using _held = await takeBuildLock(silent, { name });
    const abort = new AbortController();
    const waiting = takeBuildLock(() => abort.abort(new Error("Enough")), { name, signal: abort.signal });
    await expect(waiting).rejects.toThrow("Enough");
  });

  it("many that want it get it one after the other", async () => {
    const name = freshName();
    let holders = 0;
    const take = async () => {
      await using _lock = await takeBuildLock(silent, { name });
      holders += 1;
      expect(holders).toBe(1);
      await new Promise((done) => setTimeout(done, 5));
      holders -= 1;
    };
    await Promise.all(Array.from({ length: 8 }, take));
  });

  it("a build that has nothing to do takes none, and one that has takes it once", async () => {
    const name = freshName();
    await using held = await takeBuildLock(silent, { name });
    {
      await using _idle = openBuildLock(silent, { name });
    }
    await held[Symbol.asyncDispose]();
    {
      await using lock = openBuildLock(silent, { name });
      await Promise.all([lock.hold(), lock.hold()]);
      const notes: Event[] = [];
      const abort = new AbortController();
      const other = takeBuildLock((event) => abort.abort(notes.push(event)), { name, signal: abort.signal });
      await expect(other).rejects.toBe(1);
    }
    await using _next = await takeBuildLock(silent, { name });
  });
});

describe("the store", () => {
  it("is read by several at once, and what removes something waits for all of them", async () => {
    const name = freshName();
    const notes: Event[] = [];
    const one = await shareStore(silent, { name });
    const two = await shareStore(silent, { name });
    let isTaken = false;
    const whole = takeWholeStore((event) => notes.push(event), { name }).then((lock) => {
      isTaken = true;
      return lock;
    });
    await two[Symbol.asyncDispose]();
    await new Promise((done) => setTimeout(done, 100));
    expect(isTaken).toBe(false);
    expect(notes).toEqual([
      { type: "note", message: `Waiting for an export or an open shell on this machine (process ${process.pid})` },
    ]);
    await one[Symbol.asyncDispose]();
    await (await whole)[Symbol.asyncDispose]();
  });

  it("is not read while something may be removed", async () => {
    const name = freshName();
    const whole = await takeWholeStore(silent, { name });
    const heard = Promise.withResolvers<Event>();
    const reading = shareStore(heard.resolve, { name });
    expect(await heard.promise).toMatchObject({ message: expect.stringContaining("Waiting for a clean-up") });
    await whole[Symbol.asyncDispose]();
    await using _lock = await reading;
  });
});
