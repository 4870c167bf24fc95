import { tmpdir } from "node:os";
import { expect, it } from "vitest";
import type { ProjectState, Provenance, Statement } from "../../src/attest/mod.ts";
import { projectRoot } from "../../src/base/mod.ts";
import type { BuiltArtifact } from "../../src/cli/build-artifact.ts";
import { parseInput } from "../../src/cli/parse-input.ts";
import { parseCommandLine } from "../../src/cli/program.ts";
import { openProject } from "../../src/cli/project.ts";
import { assertBuilder, provenanceDocument } from "../../src/cli/provenance-document.ts";
import { sourcesOfImage } from "../../src/cli/sources-of-image.ts";
import type { Input } from "../../src/cli/table.ts";
import { testContext } from "../../src/cli/test-context.ts";
import { keyOf, readToolboxLock, toolboxSetDigest } from "../../src/engine/mod.ts";
import { openTestStore } from "../../src/engine/store/test-store.ts";
import type { Graph, Step } from "../../src/graph/mod.ts";

const checkout: ProjectState = { files: "f".repeat(64), packageLock: "9".repeat(64), commit: "1".repeat(40) };

/** The provenance that `hadron image` would write of this project's own image, with nothing in the store. */
async function provenanceOfCloud(
  words: string[] = [],
  more: Partial<BuiltArtifact> = {},
  cache = "/nonexistent/hadron-cache",
): Promise<Statement<Provenance>> {
  const context = testContext(cache);
  const request = parseCommandLine(["image", "cloud", "--as", "disk", "--output", "cloud.raw", ...words], "0");
  if (request.kind !== "command") throw new Error("No command");
  const input = parseInput(request, {}) as Input<"image">;
  const project = await openProject("x86_64", context, { images: ["cloud"] });
  const [image] = project.images;
  const built = {
    project,
    image,
    kind: "disk",
    graph: project.graph,
    step: "cloud:disk",
    ...more,
  } as unknown as BuiltArtifact;
  const subject = { name: "cloud.raw", kind: "disk", sha256: "a".repeat(64) } as const;
  const { text } = await provenanceDocument(subject, built, { words: input, checkout, context });
  return JSON.parse(text) as Statement<Provenance>;
}

it("the provenance of this project's image has every source that it takes, and every package of the toolbox", async () => {
  const { predicate } = await provenanceOfCloud();
  const materials = predicate.buildDefinition.resolvedDependencies;
  const names = materials.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  const sources = await sourcesOfImage("cloud", { arch: "x86_64", context: testContext() });
  expect(names).toEqual(expect.arrayContaining(sources));
  const { sets } = await readToolboxLock();
  for (const set of ["build", "sandbox"])
    expect(names).toEqual(
      expect.arrayContaining(sets[set]?.packages.map(({ name }) => `toolbox/${set}/${name}`) ?? []),
    );
  for (const { name, digest = {} } of materials)
    for (const value of Object.values(digest)) expect(value, name).toMatch(/^([0-9a-f]{40}|[0-9a-f]{64})$/);
  expect(predicate.buildDefinition.externalParameters).toEqual({
    ...{ image: "cloud", artifact: "disk", architecture: "x86_64", requireUpstream: false },
  });
  expect(predicate.runDetails.builder.id).toBe("urn:hadron:builder:local");
});

it("the provenance is of the checkout as it was before the build", async () => {
  const { predicate } = await provenanceOfCloud();
  const { resolvedDependencies: materials } = predicate.buildDefinition;
  expect(materials.find(({ name }) => name === "hadron")?.digest).toEqual({ gitCommit: checkout.commit });
  expect(materials.find(({ name }) => name === "hadron/files")?.digest).toEqual({ "hadron-files-1": checkout.files });
});

it("the provenance of an extension says what it is called, which is written in it", async () => {
  const { predicate } = await provenanceOfCloud([], { kind: "sysext", extensionName: "tools" });
  expect(predicate.buildDefinition.externalParameters).toMatchObject({ artifact: "sysext", name: "tools" });
});

it.each([
  ["Docker", "docker", ["build"]],
  ["the sandbox", undefined, ["build", "sandbox"]],
] as const)("the provenance of what %s ran has the toolbox's sets that took part", async (_who, engine, sets) => {
  await using test = await openTestStore();
  const step: Step = { id: "cloud:disk", at: "images/cloud.ts:1", script: "", env: {}, inputs: [] };
  const toolbox = { digest: await toolboxSetDigest("build") };
  const nothing = () => expect.fail("The step has no input");
  const key = keyOf({ options: { toolbox }, sources: { choose: nothing } }, step, nothing);
  const { output } = await test.put("cloud:disk", { disk: "" });
  const result = { key, step: step.id, output, size: 0, seconds: 1, sources: [] };
  await test.store.remember({ ...result, ...(engine === undefined ? {} : { engine }) });
  const graph: Graph = { arch: "x86_64", steps: new Map([[step.id, step]]) };
  const { predicate } = await provenanceOfCloud([], { graph }, test.root);
  expect(predicate.buildDefinition.internalParameters).toMatchObject({ key });
  const names = predicate.buildDefinition.resolvedDependencies.map(({ name = "" }) => name);
  expect(names.filter((name) => /^toolbox\/[^/]+$/.test(name))).toEqual(sets.map((set) => `toolbox/${set}`));
});

it("the provenance names nothing of the machine that built", async () => {
  const text = JSON.stringify(await provenanceOfCloud(["--builder", "https://ci.example/1"]));
  expect(text).toContain("https://ci.example/1");
  expect(text).not.toContain(projectRoot);
  expect(text).not.toContain(tmpdir());
  expect(await provenanceOfCloud()).toEqual(await provenanceOfCloud());
});

it.each(["--module-key", "--module-signatures"])(
  "with %s the provenance says which material has them",
  async (option) => {
    const { predicate } = await provenanceOfCloud([option, "/somewhere/private"]);
    expect(predicate.buildDefinition.externalParameters).toMatchObject({ moduleSignatures: "given/needs/signatures" });
    expect(JSON.stringify(predicate)).not.toContain("private");
  },
);

it.each(["me", "", "two words:x", "https:"])("refuses the builder %j, which is no URI", (builder) => {
  expect(() => assertBuilder(builder)).toThrow(expect.objectContaining({ kind: "usage", code: "BUILDER_INVALID" }));
});
