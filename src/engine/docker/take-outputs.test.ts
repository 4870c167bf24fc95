import { createWriteStream } from "node:fs";
import { mkdtempDisposable, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { expect, it } from "vitest";
import { packTar, type TarEntry } from "../../formats/mod.ts";
import type { Step } from "../../graph/mod.ts";
import { openTestStore } from "../store/test-store.ts";
import { takeOutputs } from "./take-outputs.ts";

const step = (id: string, needs: string[] = []): Step => ({
  id,
  at: `recipes/${id}/recipe.ts:1`,
  script: id,
  env: {},
  inputs: needs.map((need) => ({ kind: "step", step: need, mount: `/needs/${need}` })),
});

const steps = new Map([step("musl"), step("zlib", ["musl"]), step("zlib:test", ["zlib"])].map((it) => [it.id, it]));

const sources = {
  choose: () => "",
  has: () => false,
  ensure: () => Promise.reject(new Error("these steps have no source")),
};

/** A store, and a way to hand it an archive: a file for each path, a folder where the path ends with `/`. */
async function opened() {
  const stack = new AsyncDisposableStack();
  const test = stack.use(await openTestStore());
  const folder = stack.use(await mkdtempDisposable(join(tmpdir(), "hadron-outputs-")));
  const archive = join(folder.path, "outputs.tar");
  const take = async (files: Record<string, string>) => {
    const entries = Object.entries(files).map(([path, text]): TarEntry => {
      if (path.endsWith("/")) return { path: path.slice(0, -1), type: "directory", mode: 0o755 };
      return { path, type: "file", mode: 0o644, size: text.length, content: () => Readable.from([text]) };
    });
    await pipeline(packTar(entries, 0), createWriteStream(archive));
    const options = { store: test.store, toolbox: { digest: "t" }, sources, signal: new AbortController().signal };
    const taken = await takeOutputs(steps, archive, options);
    return taken.map(({ step, outcome }) => `${step} ${outcome}`);
  };
  return { take, root: test.root, archive, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

const whole = { "musl/": "", "musl/libc.so": "c", "zlib/": "", "zlib/libz.so": "z", "zlib.test/": "" };

it("takes outputs under the keys of their steps, also that of a test, which is empty", async () => {
  await using it = await opened();
  expect(await it.take(whole)).toEqual(["musl new", "zlib new", "zlib:test new"]);
  expect(await it.take(whole)).toEqual(["musl same", "zlib same", "zlib:test same"]);
  expect(await readdir(join(it.root, "work"))).toEqual([]);
});

it("places a step by what the store knows of those before it", async () => {
  await using it = await opened();
  await it.take({ "musl/": "", "musl/libc.so": "c" });
  expect(await it.take({ "zlib/": "", "zlib/libz.so": "z" })).toEqual(["zlib new"]);
});

it("says what comes out otherwise, and keeps what is there", async () => {
  await using it = await opened();
  await it.take(whole);
  // What zlib was made of is another musl there, so that its key is another one.
  expect(await it.take({ ...whole, "musl/libc.so": "C" })).toEqual(["musl different", "zlib new", "zlib:test same"]);
  expect(await it.take(whole)).toEqual(["musl same", "zlib same", "zlib:test same"]);
});

it("refuses an archive that lacks what a step was made of, or that has no step's output", async () => {
  await using it = await opened();
  await expect(it.take({ "zlib/": "", "zlib/libz.so": "z" })).rejects.toMatchObject({ code: "OUTPUTS_INCOMPLETE" });
  await expect(it.take({ "other/": "" })).rejects.toMatchObject({ code: "OUTPUTS_EMPTY" });
  expect(await readdir(join(it.root, "results"))).toEqual([]);
  expect(await readdir(join(it.root, "work"))).toEqual([]);
});
