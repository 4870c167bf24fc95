import { createReadStream } from "node:fs";
import { mkdir, mkdtempDisposable, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { sha256 } from "../../base/mod.ts";
import { readTarFile } from "../../formats/mod.ts";
import { filesInput, type Step, type StepInput } from "../../graph/mod.ts";
import type { SourceProvider } from "../build-options.ts";
import { openTestStore } from "../store/test-store.ts";
import { writeBuildContext } from "./build-context.ts";

const bytes = "the source of musl";

/** gcc, which the store has; musl made with it of a source, and of a folder of the project. */
async function opened() {
  const stack = new AsyncDisposableStack();
  const test = stack.use(await openTestStore());
  const { path: folder } = stack.use(await mkdtempDisposable(join(tmpdir(), "hadron-context-")));
  const place = (...names: string[]) => join(folder, ...names);
  await mkdir(place("recipe"));
  await writeFile(place("recipe", "config"), "CONFIG=y\n", { mode: 0o600 });
  await mkdir(place("toolbox", "bin"), { recursive: true });
  await writeFile(place("toolbox", "bin", "bash"), "#!");
  await writeFile(place("musl.tar"), bytes);
  const files = filesInput(place("recipe"), "/recipe");
  if (files === undefined) throw new Error("There are files");
  const step = (id: string, inputs: StepInput[]): Step => ({ id, at: `${id}:1`, script: "make\n", env: {}, inputs });
  const ofSource = (source: string): Step =>
    step("musl", [
      { kind: "step", step: "gcc", mount: "/cross" },
      { kind: "source", source, mount: `/sources/${source}` },
      files,
    ]);
  const gcc = await test.put("gcc", { "bin/gcc": "compiler" });
  const sources: SourceProvider = {
    choose: () => sha256(bytes),
    has: () => true,
    ensure: async (name) => {
      if (name !== "musl") throw new Error(`There is no source "${name}"`);
      return { path: place("musl.tar"), sha256: sha256(bytes), origin: "upstream" };
    },
  };
  const write = (source = "musl") =>
    writeBuildContext(new Map([step("gcc", []), ofSource(source)].map((it) => [it.id, it])), {
      wanted: ["musl"],
      known: new Map([["gcc", gcc.output]]),
      toolbox: { root: place("toolbox"), digest: "toolbox" },
      sources,
      store: test.store,
      to: place("out", "context"),
      signal: new AbortController().signal,
    });
  const archive = async (path: string, file: string) =>
    String(await readTarFile(createReadStream(place("out", "context", path)), file));
  return { write, place, files, gcc, archive, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

it("a context holds all that a build takes, each at its place", async () => {
  await using it = await opened();
  expect(await it.write()).toEqual({ run: ["musl"], known: ["gcc"] });
  const context = (...names: string[]) => it.place("out", "context", ...names);
  expect((await readdir(context())).sort()).toEqual(["Dockerfile", "files", "outputs", "sources", "toolbox.tar"]);
  expect(await readFile(context("Dockerfile"), "utf8")).toContain(`source=/${sha256(bytes)},target=/sources/musl`);
  expect(await readFile(context("sources", sha256(bytes)), "utf8")).toBe(bytes);
  expect(await it.archive("toolbox.tar", "bin/bash")).toBe("#!");
  expect(await it.archive(`outputs/${it.gcc.output}.tar`, "bin/gcc")).toBe("compiler");
  const { digest } = it.files as { digest: string };
  expect(await readFile(context("files", digest, "config"), "utf8")).toBe("CONFIG=y\n");
  // Modes are part of what a step sees, and not those of the checkout.
  expect((await stat(context("files", digest, "config"))).mode & 0o777).toBe(0o644);
});

it("a context takes the place of another as a whole, with the same bytes", async () => {
  await using it = await opened();
  await it.write();
  const text = await readFile(it.place("out", "context", "Dockerfile"), "utf8");
  await writeFile(it.place("out", "context", "outputs", "old.tar"), "");
  await it.write();
  expect(await readFile(it.place("out", "context", "Dockerfile"), "utf8")).toBe(text);
  expect(await readdir(it.place("out", "context", "outputs"))).toEqual([`${it.gcc.output}.tar`]);
  expect(await readdir(it.place("out"))).toEqual(["context"]);
});

it("a context that could not be written leaves nothing, and the old one as it was", async () => {
  await using it = await opened();
  await expect(it.write("glibc")).rejects.toThrow('"glibc"');
  expect(await readdir(it.place("out"))).toEqual([]);
  await it.write();
  await expect(it.write("glibc")).rejects.toThrow('"glibc"');
  await writeFile(it.place("recipe", "config"), "CONFIG=n\n");
  await expect(it.write()).rejects.toMatchObject({ kind: "input", code: "INPUT_CHANGED" });
  expect(await readdir(it.place("out"))).toEqual(["context"]);
  expect(await readdir(it.place("out", "context"))).toContain("Dockerfile");
});
