import { createWriteStream } from "node:fs";
import { mkdtempDisposable, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { describe, expect, it } from "vitest";
import { packTar, type TarEntry } from "../../formats/mod.ts";
import type { Step } from "../../graph/mod.ts";
import { listStore } from "../store/maintain.ts";
import { openTestStore } from "../store/test-store.ts";
import { loweredKey, ranFile } from "./dockerfile.ts";
import { stageName } from "./stage-name.ts";
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

const toolbox = { digest: "t" };

/** What a Dockerfile of these steps brings out beside the folders: for each of them. */
function ranOf(files: Files, { known = {}, of = steps }: Lowered): Files {
  const run = [...of.values()].filter(({ id }) => `${stageName(id)}/` in files);
  const key = (one: Step) => loweredKey(one, { toolbox, choose: sources.choose }, (id) => known[id]);
  return { [ranFile]: run.map((one) => `${key(one)}  ${stageName(one.id)}\n`).join("") };
}

type Files = Record<string, string>;

interface Lowered {
  /** Outputs that were handed over, by the step's id. */
  known?: Record<string, string>;
  /** Steps of the checkout that the Dockerfile was made in. */
  of?: ReadonlyMap<string, Step>;
}

/** A store, and a way to hand it an archive: a file for each path, a folder where the path ends with `/`. */
async function opened() {
  const stack = new AsyncDisposableStack();
  const test = stack.use(await openTestStore());
  const folder = stack.use(await mkdtempDisposable(join(tmpdir(), "hadron-outputs-")));
  const archive = join(folder.path, "outputs.tar");
  const takeArchive = (path: string) =>
    takeOutputs(steps, path, { store: test.store, toolbox, sources, signal: new AbortController().signal });
  const outputOf = async (id: string) => {
    const taken = await takeArchive(archive);
    return taken.find(({ step }) => step === id)?.output ?? "";
  };
  const take = async (files: Files, lowered: Lowered = {}) => {
    const entries = Object.entries({ ...ranOf(files, lowered), ...files }).map(([path, text]): TarEntry => {
      if (path.endsWith("/")) return { path: path.slice(0, -1), type: "directory", mode: 0o755 };
      return { path, type: "file", mode: 0o644, size: text.length, content: () => Readable.from([text]) };
    });
    await pipeline(packTar(entries, 0), createWriteStream(archive));
    const taken = await takeArchive(archive);
    return taken.map(({ step, outcome }) => `${step} ${outcome}`);
  };
  return {
    take,
    takeArchive,
    outputOf,
    store: test.store,
    root: test.root,
    folder: folder.path,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const whole = { "musl/": "", "musl/libc.so": "c", "zlib/": "", "zlib/libz.so": "z", "zlib.test/": "" };

it("takes outputs under the keys of their steps, also that of a test, which is empty", async () => {
  await using it = await opened();
  expect(await it.take(whole)).toEqual(["musl new", "zlib new", "zlib:test new"]);
  expect(await it.take(whole)).toEqual(["musl same", "zlib same", "zlib:test same"]);
  expect(await readdir(join(it.root, "work"))).toEqual([]);
});

it("remembers of what it took that Docker ran it, and not of what was here already", async () => {
  await using it = await opened();
  await it.take({ "musl/": "", "musl/libc.so": "c" });
  const [musl] = await listStore(it.store);
  expect(musl).toMatchObject({ step: "musl", engine: "docker" });
  const { engine: _, ...bySandbox } = musl ?? expect.fail("Nothing was taken");
  await it.store.remember(bySandbox);
  expect(await it.take({ "musl/": "", "musl/libc.so": "c" })).toEqual(["musl same"]);
  expect(await it.store.recall(bySandbox.key)).not.toHaveProperty("engine");
});

it("places a step by what the store knows of those before it", async () => {
  await using it = await opened();
  await it.take({ "musl/": "", "musl/libc.so": "c" });
  const known = { musl: await it.outputOf("musl") };
  expect(await it.take({ "zlib/": "", "zlib/libz.so": "z" }, { known })).toEqual(["zlib new"]);
});

it("places a step by an input of which only the digest is known, and takes its tree where it is brought", async () => {
  await using it = await opened();
  const musl = { "musl/": "", "musl/libc.so": "c" };
  await it.take(musl);
  const known = { musl: await it.outputOf("musl") };
  await it.store.remove(known.musl);
  expect(await it.take({ "zlib/": "", "zlib/libz.so": "z" }, { known })).toEqual(["zlib new"]);
  expect(await it.take(musl)).toEqual(["musl new"]);
  expect(await readdir(join(it.root, "objects"))).toContain(known.musl);
});

it("refuses what was made of another output than the store has", async () => {
  await using it = await opened();
  await it.take({ "musl/": "", "musl/libc.so": "c" });
  const taking = it.take({ "zlib/": "", "zlib/libz.so": "z" }, { known: { musl: "0".repeat(64) } });
  await expect(taking).rejects.toMatchObject({ code: "OUTPUTS_FOREIGN", message: expect.stringContaining('"zlib"') });
});

it("says what comes out otherwise, and keeps what is there", async () => {
  await using it = await opened();
  await it.take(whole);
  // What zlib was made of is another musl there, so that its key is another one.
  expect(await it.take({ ...whole, "musl/libc.so": "C" })).toEqual(["musl different", "zlib new", "zlib:test same"]);
  expect(await it.take(whole)).toEqual(["musl same", "zlib same", "zlib:test same"]);
});

describe("an archive is refused, and nothing taken or left behind,", () => {
  const removed = new Map(steps).set("xz", step("xz"));
  const zlib = { "zlib/": "", "zlib/libz.so": "z" };

  it.each<[what: string, files: Files, lowered: Lowered, error: object]>([
    ["that lacks what a step was made of", zlib, {}, { kind: "input", code: "OUTPUTS_INCOMPLETE" }],
    [
      "of a step that is no more",
      { "xz/": "", "xz/bin": "x" },
      { of: removed },
      { kind: "input", code: "OUTPUTS_FOREIGN", message: expect.stringContaining('"xz"') },
    ],
    ["of a step that left nothing", { "musl/": "", "musl/lib/": "" }, {}, { kind: "step", code: "STEP_EMPTY" }],
    [
      "with a folder of no step",
      { "musl/": "", "musl/a": "a", "more/": "" },
      {},
      { kind: "input", code: "OUTPUTS_INVALID" },
    ],
    ["that has nothing", {}, {}, { code: "OUTPUTS_INVALID" }],
    [
      "that says nothing of what was run",
      { "musl/": "", "musl/a": "a", [ranFile]: "" },
      {},
      { code: "OUTPUTS_INVALID" },
    ],
    [
      "whose list of them is damaged",
      { "musl/": "", "musl/a": "a", [ranFile]: "musl\n" },
      {},
      { code: "OUTPUTS_INVALID" },
    ],
  ])("%s", async (_what, files, lowered, error) => {
    await using it = await opened();
    await expect(it.take(files, lowered)).rejects.toMatchObject(error);
    expect(await readdir(join(it.root, "results"))).toEqual([]);
    expect(await readdir(join(it.root, "work"))).toEqual([]);
  });

  it("that is not there, or is a folder", async () => {
    await using it = await opened();
    for (const path of [join(it.folder, "none.tar"), join(it.folder, "none", "outputs.tar"), it.folder])
      await expect(it.takeArchive(path)).rejects.toMatchObject({ kind: "usage", code: "OUTPUTS_NOT_FOUND", at: path });
    expect(await readdir(join(it.root, "work"))).toEqual([]);
  });
});

it("the step of a recipe that was changed since is not taken under the new one's key", async () => {
  await using it = await opened();
  const changed = new Map(steps).set("zlib", { ...step("zlib", ["musl"]), script: "another" });
  await expect(it.take(whole, { of: changed })).rejects.toMatchObject({
    code: "OUTPUTS_FOREIGN",
    message: expect.stringContaining('"zlib"'),
  });
  expect(await it.take(whole)).toEqual(["musl same", "zlib new", "zlib:test new"]);
});
