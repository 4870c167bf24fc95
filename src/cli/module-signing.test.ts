import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { projectRoot, silent } from "../base/mod.ts";
import type { Context } from "./command.ts";
import { prepareSigning, type SigningInput } from "./module-signing.ts";
import { openProject, type Project } from "./project.ts";

const nothing: SigningInput = { moduleKey: undefined, moduleSignatures: undefined, saveSignatures: undefined };
const context: Context = {
  ...{ emit: silent, signal: new AbortController().signal, environment: {}, takeTerminal: () => {} },
  ...{ root: projectRoot, cacheRoot: join(tmpdir(), "hadron-none") },
};

let project: Project;

beforeAll(async () => {
  project = await openProject("x86_64", context, { images: ["cloud", "edge"] });
});

describe("what is wanted", () => {
  it.each([["edge:disk"], ["edge:iso"], ["edge:layers"], ["linux-edge-signed"], ["linux-edge-signed:test"]])(
    "%s needs signatures, and says so before anything is built",
    async (step) => {
      await expect(prepareSigning(project, [step], nothing)).rejects.toMatchObject({
        ...{ kind: "usage", code: "MODULES_UNSIGNED" },
        hint: expect.stringContaining("keys new --modules FILE"),
      });
    },
  );

  it.each([["cloud:disk"], ["linux-edge"], ["linux-edge:test"], ["kmod"]])("%s needs none", async (step) => {
    expect(await prepareSigning(project, [step], nothing)).toBeUndefined();
    const refused = { kind: "usage", code: "USAGE_OPTION" };
    for (const option of ["moduleKey", "moduleSignatures", "saveSignatures"])
      await expect(prepareSigning(project, [step], { ...nothing, [option]: "x" })).rejects.toMatchObject(refused);
  });

  it("says who takes the signatures, and whose modules they are of", async () => {
    const input = { ...nothing, moduleSignatures: "made", saveSignatures: "out/none" };
    expect(await prepareSigning(project, ["edge:disk"], input)).toEqual({
      component: "linux-edge-signed",
      kernel: "linux-edge",
      by: { signatures: join(process.cwd(), "made") },
      saveTo: join(process.cwd(), "out/none"),
    });
  });

  it("refuses a key and signatures at once, a file that is no key, and a place that is taken", async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "hadron-signing-"));
    const file = join(folder.path, "file");
    await writeFile(file, "");
    const prepare = (input: Partial<SigningInput>) => prepareSigning(project, ["edge:disk"], { ...nothing, ...input });
    await expect(prepare({ moduleKey: file, moduleSignatures: file })).rejects.toMatchObject({ code: "USAGE_OPTION" });
    await expect(prepare({ moduleKey: file })).rejects.toMatchObject({ code: "MODULE_KEY_INVALID", at: file });
    await expect(prepare({ moduleSignatures: "made", saveSignatures: folder.path })).rejects.toMatchObject({
      code: "SIGNATURES_OUTPUT",
    });
  });
});

describe("the graph", () => {
  it("compiles the kernel in a step that takes nothing of a key, and a plain build leaves it out", async () => {
    const inputs = project.graph.steps.get("linux-edge")?.inputs ?? [];
    expect(inputs.map((input) => (input.kind === "step" ? input.step : input.kind))).toEqual([
      "source",
      "files",
      "toolchain",
      "linux-headers",
      "musl",
      "zlib",
      "zstd",
      "linux-edge-btf-config",
    ]);
    const plain = await openProject("x86_64", context);
    expect(plain.recipes.has("linux-edge")).toBe(false);
    expect(plain.recipes.has("linux-edge-signed")).toBe(false);
  });
});
