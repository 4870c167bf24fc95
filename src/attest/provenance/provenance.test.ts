import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { sha256 } from "../../base/mod.ts";
import type { SourceLock, StepResult, ToolboxLock } from "../../engine/mod.ts";
import type { Step } from "../../graph/mod.ts";
import { projectState } from "./project-state.ts";
import { type ProvenanceFacts, provenanceOf } from "./provenance.ts";

const step = (id: string, inputs: Step["inputs"]): Step => ({
  id,
  at: `recipes/${id}/recipe.ts:1`,
  script: "",
  env: {},
  inputs,
});
const steps = new Map(
  [
    step("zlib", [
      { kind: "source", source: "zlib", mount: "/sources/zlib" },
      { kind: "files", directory: "/somewhere/recipes/zlib", mount: "/recipe", digest: "f".repeat(64) },
    ]),
    step("cloud:root", [
      { kind: "step", step: "zlib", mount: "/sysroot" },
      { kind: "files", directory: "/somewhere/os", mount: "/needs/os", digest: "e".repeat(64) },
    ]),
    step("cloud:disk", [
      { kind: "step", step: "cloud:root", mount: "/needs/root" },
      { kind: "files", directory: "/tmp/of-this-run", mount: "/needs/from", digest: "7".repeat(64) },
    ]),
  ].map((one) => [one.id, one]),
);
const result = (id: string): StepResult => ({
  ...{ key: sha256(`key of ${id}`), step: id, output: sha256(`output of ${id}`), size: 1, seconds: 1, sources: [] },
});
const fingerprint = "A".repeat(40);
const lock: SourceLock = {
  version: 1,
  sources: {
    zlib: {
      ...{ version: "1.3", licence: "Zlib", homepage: "https://zlib.example/", keys: { [fingerprint]: "Mark" } },
      candidates: [
        {
          ...{ origin: "upstream", sha256: sha256("upstream"), size: 1, places: ["https://zlib.example/zlib.tar.gz"] },
          signature: { keyFingerprint: fingerprint, made: "2026-01-02", covers: "archive" },
        },
        {
          ...{ origin: "debian-repack", sha256: sha256("repack"), size: 1, places: ["debian:pool/z.orig.tar.xz"] },
          signature: { missing: "Made by Debian" },
        },
      ],
    },
  },
};
const deb = (name: string) => ({ name, version: "4:1.0+x", file: `pool/${name}.deb`, sha256: sha256(name), size: 1 });
const toolbox: ToolboxLock = {
  suite: "trixie",
  date: "2026-01-01",
  sets: { build: { packages: [deb("gcc"), deb("make")] }, sandbox: { packages: [deb("bubblewrap")] } },
};
const facts: ProvenanceFacts = {
  subject: { name: "cloud.raw", sha256: "a".repeat(64) },
  parameters: { image: "cloud", artifact: "disk", architecture: "x86_64", requireUpstream: false },
  step: "cloud:disk",
  steps,
  results: new Map([...steps.keys()].map((id) => [id, result(id)])),
  lock,
  choose: () => sha256("upstream"),
  toolbox,
  toolboxSets: { build: "b".repeat(64), sandbox: "c".repeat(64) },
  project: { files: "d".repeat(64), packageLock: "9".repeat(64), commit: "1".repeat(40) },
  relativePath: (directory) =>
    directory.startsWith("/somewhere/") ? directory.slice("/somewhere/".length) : undefined,
  builder: "urn:hadron:builder:local",
  versions: { hadron: "0.1.0" },
};

/** SLSA 1.0 provenance in an in-toto 1.0 statement: what their specifications say must be there, and nothing that they don't know. */
const descriptor = z
  .strictObject({
    name: z.string().optional(),
    uri: z
      .string()
      .regex(/^[a-z][a-z0-9+.-]*:\S+$/)
      .optional(),
    digest: z.record(z.string(), z.string().regex(/^[0-9a-f]+$/)).optional(),
    downloadLocation: z.string().optional(),
    annotations: z.record(z.string(), z.unknown()).optional(),
  })
  .refine(({ uri, digest }) => uri !== undefined || digest !== undefined, "One of uri and digest");
const statement = z.strictObject({
  _type: z.literal("https://in-toto.io/Statement/v1"),
  subject: z.array(descriptor.refine(({ digest }) => digest?.sha256 !== undefined)).min(1),
  predicateType: z.literal("https://slsa.dev/provenance/v1"),
  predicate: z.strictObject({
    buildDefinition: z.strictObject({
      buildType: z.string().min(1),
      externalParameters: z.record(z.string(), z.unknown()),
      internalParameters: z.record(z.string(), z.unknown()).optional(),
      resolvedDependencies: z.array(descriptor).optional(),
    }),
    runDetails: z.strictObject({
      builder: z.strictObject({
        id: z.string().min(1),
        version: z.record(z.string(), z.string()).optional(),
        builderDependencies: z.array(descriptor).optional(),
      }),
      metadata: z.strictObject({ invocationId: z.string().optional() }).optional(),
      byproducts: z.array(descriptor).optional(),
    }),
  }),
});

const materials = (of: ProvenanceFacts) => provenanceOf(of).predicate.buildDefinition.resolvedDependencies;
const named = (name: string, of = facts) => materials(of).find((material) => material.name === name);

describe("the provenance of an artifact", () => {
  it("is an in-toto statement with SLSA's provenance, as both are specified", () => {
    expect(statement.safeParse(JSON.parse(JSON.stringify(provenanceOf(facts)))).error).toBeUndefined();
    expect(provenanceOf(facts).subject).toEqual([{ name: "cloud.raw", digest: { sha256: "a".repeat(64) } }]);
  });

  it("has every material with its digest: the project, its folders, sources and the toolbox's packages", () => {
    expect(materials(facts).map(({ name }) => name)).toEqual([
      ...["hadron", "hadron/files", "given/needs/from", "hadron/os", "hadron/recipes/zlib", "zlib"],
      ...["toolbox/build", "toolbox/build/gcc", "toolbox/build/make", "toolbox/sandbox", "toolbox/sandbox/bubblewrap"],
    ]);
    for (const { digest = {} } of materials(facts)) expect(Object.values(digest)).toHaveLength(1);
    expect(named("hadron")?.digest).toEqual({ gitCommit: "1".repeat(40) });
    expect(named("hadron/os")?.digest).toEqual({ "hadron-files-1": "e".repeat(64) });
    expect(named("toolbox/build/gcc")).toMatchObject({
      uri: "pkg:deb/debian/gcc@4%3A1.0%2Bx?arch=amd64&distro=trixie",
      digest: { sha256: sha256("gcc") },
    });
  });

  it("says of each source whose bytes were used, and who signed them", () => {
    expect(named("zlib")).toEqual({
      name: "zlib",
      uri: "https://zlib.example/zlib.tar.gz",
      digest: { sha256: sha256("upstream") },
      annotations: {
        ...{ version: "1.3", licence: "Zlib", origin: "upstream" },
        signedBy: { keyFingerprint: fingerprint, name: "Mark", made: "2026-01-02" },
      },
    });
    expect(named("zlib", { ...facts, choose: () => sha256("repack") })).toMatchObject({
      uri: "debian:pool/z.orig.tar.xz",
      annotations: { origin: "debian-repack", notSigned: "Made by Debian" },
    });
  });

  it("says which steps Docker ran, and names it among what the builder depends on", () => {
    const byDocker = new Map([...facts.results, ["zlib", { ...result("zlib"), engine: "docker" as const }]]);
    const made = provenanceOf({ ...facts, results: byDocker });
    expect(statement.safeParse(JSON.parse(JSON.stringify(made))).error).toBeUndefined();
    const { builder, byproducts } = made.predicate.runDetails;
    expect(builder.builderDependencies?.map(({ name }) => name)).toEqual(["package-lock.json", "docker"]);
    expect(byproducts?.map(({ annotations }) => annotations?.engine)).toEqual(["docker", undefined, undefined]);
    expect(JSON.stringify(provenanceOf(facts))).not.toContain("docker");
  });

  it("names every step that led to it, with its key and output", () => {
    expect(provenanceOf(facts).predicate.runDetails.byproducts).toEqual(
      ["zlib", "cloud:root", "cloud:disk"].map((id) => ({
        name: id,
        digest: { "hadron-tree-1": sha256(`output of ${id}`) },
        annotations: { key: sha256(`key of ${id}`) },
      })),
    );
    expect(provenanceOf(facts).predicate.buildDefinition.internalParameters).toEqual({
      step: "cloud:disk",
      key: sha256("key of cloud:disk"),
    });
  });
});

describe("the state of a checkout", () => {
  /** With one commit; tests get copies. */
  let committed: string;
  let folder: string;
  beforeAll(() => {
    folder = committed = mkdtempSync(join(tmpdir(), "hadron-project-"));
    mkdirSync(join(folder, "recipes/zlib"), { recursive: true });
    writeFileSync(join(folder, "recipes/zlib/recipe.ts"), "zlib");
    for (const name of ["package-lock.json", "README.md"]) writeFileSync(join(folder, name), name);
    git("init", "-q", "--template=");
    git("add", ".");
    git("commit", "-qm", "first");
  });
  afterAll(() => rmSync(committed, { recursive: true }));
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "hadron-project-"));
    cpSync(committed, folder, { recursive: true });
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const git = (...args: string[]): string =>
    execFileSync("git", ["-C", folder, "-c", "user.name=a", "-c", "user.email=a@example", ...args], {
      encoding: "utf8",
      env: { PATH: process.env.PATH, HOME: folder },
    }).trim();

  it("is the same wherever it lies, with git or without, and another when a file is changed", async () => {
    const { commit: _, ...inGit } = await projectState(folder);
    rmSync(join(folder, ".git"), { recursive: true });
    const state = await projectState(folder);
    expect(inGit).toEqual(state);
    expect(state).toEqual({ files: state.files, packageLock: sha256("package-lock.json") });
    const copy = `${folder}-copy`;
    cpSync(folder, copy, { recursive: true });
    writeFileSync(join(copy, "README.md"), "what is only read does not count");
    expect(await projectState(copy)).toEqual(state);
    writeFileSync(join(copy, "recipes/zlib/recipe.ts"), "other");
    expect((await projectState(copy)).files).not.toBe(state.files);
    rmSync(copy, { recursive: true });
  });

  it("names the commit only as long as the files are those of the commit", async () => {
    expect((await projectState(folder)).commit).toBe(git("rev-parse", "HEAD"));
    writeFileSync(join(folder, "recipes/zlib/new"), "not committed");
    expect((await projectState(folder)).commit).toBeUndefined();
  });

  it.each<[string, string[], () => void]>([
    [
      "a new file is not shown",
      ["status.showUntrackedFiles", "no"],
      () => writeFileSync(join(folder, "recipes/zlib/new"), "new"),
    ],
    [
      "a new file is ignored",
      ["core.excludesFile", ".git/ignored"],
      () => {
        writeFileSync(join(folder, ".git/ignored"), "new\n");
        writeFileSync(join(folder, "recipes/zlib/new"), "new");
      },
    ],
    ["modes do not count", ["core.fileMode", "false"], () => chmodSync(join(folder, "recipes/zlib/recipe.ts"), 0o755)],
  ])(
    "names no commit where files are changed, also where by the user's configuration %s",
    async (_what, words, change) => {
      git("config", ...words);
      expect((await projectState(folder)).commit).toBe(git("rev-parse", "HEAD"));
      change();
      if (words[0] === "core.excludesFile") git("config", "core.excludesFile", join(folder, ".git/ignored"));
      expect(git("status", "--porcelain")).toBe("");
      expect((await projectState(folder)).commit).toBeUndefined();
    },
  );
});
