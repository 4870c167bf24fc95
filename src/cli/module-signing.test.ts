import { generateKeyPairSync } from "node:crypto";
import { mkdir, mkdtempDisposable, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type Event, HadronError } from "../base/mod.ts";
import { type BuildOptions, keyOf, openStore } from "../engine/mod.ts";
import { noExpiry, selfSignedCertificate } from "../formats/mod.ts";
import { type Graph, sourceDateEpoch } from "../graph/mod.ts";
import type { ModuleKey } from "../image/mod.ts";
import { prepareSigning, type Signing, type SigningInput, signedGraph } from "./module-signing.ts";
import { openProject, type Project } from "./project.ts";
import { testContext } from "./test-context.ts";

const nothing: SigningInput = { moduleKey: undefined, moduleSignatures: undefined, saveSignatures: undefined };
const context = testContext();

const newFolder = () => mkdtempDisposable(join(tmpdir(), "hadron-signing-"));

/** Made once: a key takes longer than all that is done with it here. */
const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });

function keyOfSigner(): ModuleKey {
  const fields = { commonName: "Signer", serial: Buffer.from([1]), notBefore: new Date(0), notAfter: noExpiry };
  return { privateKey, certificate: selfSignedCertificate(privateKey, fields), subject: "CN=Signer" };
}
const signer = keyOfSigner();

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
    await using folder = await newFolder();
    await writeFile(join(folder.path, "certificate.der"), signer.certificate);
    const saveSignatures = join(folder.path, "saved");
    const input = { ...nothing, moduleSignatures: folder.path, saveSignatures };
    expect(await prepareSigning(project, ["edge:disk"], input)).toEqual({
      component: "linux-edge-signed",
      kernel: "linux-edge",
      by: { signatures: folder.path },
      saveTo: saveSignatures,
    });
  });

  it("refuses a key and signatures at once, a file that is no key, no signatures, and a place that is taken", async () => {
    await using folder = await newFolder();
    const file = join(folder.path, "file");
    await writeFile(file, "");
    const prepare = (input: Partial<SigningInput>) => prepareSigning(project, ["edge:disk"], { ...nothing, ...input });
    await expect(prepare({ moduleKey: file, moduleSignatures: file })).rejects.toMatchObject({ code: "USAGE_OPTION" });
    await expect(prepare({ moduleKey: file })).rejects.toMatchObject({ code: "MODULE_KEY_INVALID", at: file });
    const noSignatures = { kind: "input", code: "MODULE_SIGNATURES", at: folder.path };
    await expect(prepare({ moduleSignatures: folder.path })).rejects.toMatchObject(noSignatures);
    await expect(prepare({ moduleSignatures: folder.path, saveSignatures: folder.path })).rejects.toMatchObject({
      code: "SIGNATURES_OUTPUT",
    });
  });

  it("refuses two kernels that take signatures, by name", async () => {
    const edge = project.recipes.get("linux-edge-signed");
    if (!edge) throw new Error("There is no signed kernel");
    const recipes = new Map([...project.recipes, ["kmod", { ...edge, name: "kmod" }]]);
    await expect(prepareSigning({ ...project, recipes }, ["edge:disk"], nothing)).rejects.toMatchObject({
      ...{ kind: "usage", code: "USAGE_ARGUMENT" },
      message: expect.stringMatching(/one kernel at a time, and there are .*linux-edge-signed/),
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

/** A store that has a kernel's output of these files, as a build would have left it, and what signing asks for. */
async function openKernel(files: Record<string, string>) {
  const folder = await newFolder();
  const store = await openStore(folder.path);
  const at = "recipes/linux/edge.ts:1";
  const kernel = { id: "kernel", at, script: "", env: {}, inputs: [] };
  const ids = ["signed", "signed:test", "disk"];
  const others = ids.map((id) => ({
    ...kernel,
    id,
    inputs: [{ kind: "step", step: "kernel", mount: "/needs" } as const],
  }));
  const graph: Graph = { arch: "x86_64", steps: new Map([kernel, ...others].map((step) => [step.id, step])) };
  const events: Event[] = [];
  const nowhere = () => {
    throw new Error("No step of the test takes a source");
  };
  const options: BuildOptions = {
    store,
    toolbox: { digest: "toolbox", root: "/nonexistent", bubblewrap: "/nonexistent" },
    sources: { choose: nowhere, has: nowhere, ensure: nowhere },
    emit: (event) => void events.push(event),
  };
  const tree = join(await store.makeWorkFolder("kernel"), "out");
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(tree, path)), { recursive: true });
    await writeFile(join(tree, path), text);
  }
  const key = keyOf({ options, sources: options.sources }, kernel, nowhere);
  await store.commit({ key, step: kernel.id, seconds: 1, sources: [] }, tree, sourceDateEpoch);
  const work = dirname(await store.makeWorkFolder("beside"));
  const left = async () => (await readdir(work)).filter((name) => name.includes("signatures"));
  return { graph, options, events, left, [Symbol.asyncDispose]: () => folder.remove() };
}

describe("the signed graph", () => {
  const modules = { "usr/lib/modules/6.12.1/kernel/lib/crc.ko": "a sum" };
  const signing = (more: Partial<Signing> = {}): Signing => ({
    ...{ component: "signed", kernel: "kernel", by: { key: signer }, saveTo: undefined },
    ...more,
  });

  it("gives the signatures to the two steps that take them, and they go away with it", async () => {
    await using kernel = await openKernel(modules);
    {
      await using signed = await signedGraph(kernel.graph, signing(), kernel.options);
      for (const [id, step] of signed.graph.steps) {
        const taken = step.inputs.flatMap((input) => (input.kind === "files" ? [input] : []));
        expect(
          taken.map(({ mount }) => mount),
          id,
        ).toEqual(id.startsWith("signed") ? ["/needs/signatures"] : []);
        for (const { directory } of taken)
          expect((await readdir(directory)).sort()).toEqual(["certificate.der", "kernel"]);
      }
      expect(await kernel.left()).toHaveLength(1);
    }
    expect(await kernel.left()).toEqual([]);
    expect(kernel.events.at(-1)).toMatchObject({ message: '1 modules of kernel are signed by "CN=Signer"' });
  });

  it("leaves no signatures behind where one can't be made of them, or they can't be saved", async () => {
    await using kernel = await openKernel(modules);
    await using folder = await newFolder();
    await writeFile(join(folder.path, "certificate.der"), signer.certificate);
    for (const [given, code] of [
      [{ by: { signatures: folder.path } }, "MODULE_SIGNATURES"],
      [{ saveTo: folder.path }, "SIGNATURES_OUTPUT"],
    ] as const) {
      const error = await signedGraph(kernel.graph, signing(given), kernel.options).catch((error: unknown) => error);
      expect(error).toBeInstanceOf(HadronError);
      expect(error).toMatchObject({ code });
      expect(await kernel.left()).toEqual([]);
    }
  });

  it("says that others can read the key, before the kernel is built", async () => {
    await using kernel = await openKernel(modules);
    const by = { key: { ...signer, exposedAt: "/somewhere/modules.pem" } };
    await using _ = await signedGraph(kernel.graph, signing({ by }), kernel.options);
    expect(kernel.events[0]).toMatchObject({ type: "note", message: expect.stringMatching(/^Others .*"\/somewhere/) });
  });

  it("is the graph itself where nothing is to be signed", async () => {
    await using kernel = await openKernel(modules);
    await using signed = await signedGraph(kernel.graph, undefined, kernel.options);
    expect(signed.graph).toBe(kernel.graph);
  });
});
