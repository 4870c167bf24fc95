import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Event, silent } from "../base/mod.ts";
import { takeBuildLock } from "./build-lock.ts";

const folder = () => mkdtempDisposable(join(tmpdir(), "hadron-lock-"));

describe("the build lock", () => {
  it("lets one build at a time through, and the next when it is given back", async () => {
    await using cache = await folder();
    const notes: Event[] = [];
    const first = await takeBuildLock(cache.path, silent);
    let isSecond = false;
    const second = takeBuildLock(cache.path, (event) => notes.push(event)).then((lock) => {
      isSecond = true;
      return lock;
    });
    await new Promise((done) => setTimeout(done, 100));
    expect(isSecond).toBe(false);
    expect(notes).toEqual([
      { type: "note", message: `Waiting for another build (process ${process.pid}) that uses ${cache.path}` },
    ]);
    await first[Symbol.asyncDispose]();
    await (await second)[Symbol.asyncDispose]();
    await using _third = await takeBuildLock(cache.path, silent);
  });

  it("is one for each cache folder", async () => {
    await using one = await folder();
    await using two = await folder();
    await using _first = await takeBuildLock(one.path, silent);
    await using _second = await takeBuildLock(two.path, silent);
  });

  it("is free when its holder was killed", async () => {
    await using cache = await folder();
    const script = `
      const { takeBuildLock } = await import("${join(import.meta.dirname, "build-lock.ts")}");
      const lock = await takeBuildLock("${cache.path}", () => {});
      console.log("held");
      setInterval(() => lock, 1000);`;
    const holder = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(holder.stdout, "data");
    const heard = Promise.withResolvers<Event>();
    const waiting = takeBuildLock(cache.path, heard.resolve);
    expect(await heard.promise).toMatchObject({ message: expect.stringContaining(`process ${holder.pid}`) });
    holder.kill("SIGKILL");
    await using _lock = await waiting;
  });

  it("waiting for it can be ended", async () => {
    await using cache = await folder();
    await using _held = await takeBuildLock(cache.path, silent);
    const abort = new AbortController();
    const waiting = takeBuildLock(cache.path, () => abort.abort(new Error("Enough")), abort.signal);
    await expect(waiting).rejects.toThrow("Enough");
  });

  it("many that want it get it one after the other", async () => {
    await using cache = await folder();
    let holders = 0;
    const take = async () => {
      await using _lock = await takeBuildLock(cache.path, silent);
      holders += 1;
      expect(holders).toBe(1);
      await new Promise((done) => setTimeout(done, 5));
      holders -= 1;
    };
    await Promise.all(Array.from({ length: 8 }, take));
  });
});
