import { mkdir, readdir, readFile, stat, symlink, truncate, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cacheRoot, exitStatus, projectRoot, sha256 } from "../../src/base/mod.ts";
import { openProject, sourceProvider } from "../../src/cli/project.ts";
import {
  closure,
  ensureToolboxSet,
  keyOf,
  openStore,
  type StepResult,
  toolboxSetDigest,
} from "../../src/engine/mod.ts";
import { sourceDateEpoch } from "../../src/graph/mod.ts";
import { exportBudgets } from "../budgets.ts";
import { freshFolder } from "./support/artifacts.ts";
import { hadron, hadronData } from "./support/hadron-command.ts";
import { flipByte } from "./support/partitions.ts";
import { type RealRegistry, startRegistry } from "./support/registry.ts";

/*
 * The commands that carry and check step outputs, as processes, each with a cache folder of its own. Of what zlib is made from
 * these know the digests only, and they have no sources: whatever would build anything fails at once. The toolchain is the one
 * that was built; to compress it takes some ten seconds.
 */

/** In the place of what zlib's step would make. */
const library = "usr/lib/libz.so.1";
const content = Buffer.alloc(3 << 20, "inflate and deflate\n");

let folder: string;
let exported: string;
let zlib: StepResult;

/** A cache folder that knows every step which zlib depends on; and zlib with its tree, where it is asked for. */
async function makeCache(name: string, { withZlib }: { withZlib: boolean }): Promise<string> {
  const root = join(folder, name);
  const store = await openStore(root);
  await symlink(join(cacheRoot(), "toolbox"), join(root, "toolbox"));
  const project = await openProject("x86_64", { root: projectRoot });
  const made = {
    options: { toolbox: { digest: await toolboxSetDigest("build") } },
    sources: sourceProvider({ lock: project.lock, cacheRoot: root }),
  };
  const outputOf = (id: string): string => sha256(id);
  for (const step of closure(project.graph, ["zlib"]).values()) {
    const result = { key: keyOf(made, step, outputOf), step: step.id, seconds: 1, sources: [] };
    if (step.id !== "zlib") await store.remember({ ...result, output: outputOf(step.id), size: 1 });
    else if (withZlib) zlib = await store.commit(result, await makeTree(store), sourceDateEpoch);
  }
  return root;
}

async function makeTree(store: { makeWorkFolder(name: string): Promise<string> }): Promise<string> {
  const tree = join(await store.makeWorkFolder("zlib"), "out");
  await mkdir(dirname(join(tree, library)), { recursive: true });
  await writeFile(join(tree, library), content);
  return tree;
}

beforeAll(async () => {
  for (const set of ["build", "sandbox"]) await ensureToolboxSet(set, { cacheRoot: cacheRoot() });
  folder = await freshFolder("cache-command");
  exported = join(folder, "exported");
  const cache = await makeCache("from", { withZlib: true });
  const words = ["cache", "export", exported];
  const data = await hadronData<{ entries: number; missing: string[] }>(words, { env: { HADRON_CACHE: cache } });
  expect(data).toMatchObject({ entries: 1, missing: expect.arrayContaining(["musl"]) });
});

describe("an exported cache", () => {
  it.each([
    ["the option --cache-from", (from: string) => ({ words: ["--cache-from", from], env: {} })],
    ["the variable HADRON_CACHE_FROM", (from: string) => ({ words: [], env: { HADRON_CACHE_FROM: from } })],
  ])("brings an output to another machine, by %s, and nothing is built", async (name, by) => {
    const { words, env } = by(exported);
    const cache = await makeCache(name.replaceAll(" ", "-"), { withZlib: false });
    const all = ["build", "zlib", "--test", "no", "--offline", "--events", "json", "--json", ...words];
    const { status, stdout, stderr } = await hadron(all, { env: { ...env, HADRON_CACHE: cache } });
    expect({ status, stderr }).toMatchObject({ status: 0 });
    expect(JSON.parse(stdout)).toMatchObject({ steps: [{ step: "zlib", key: zlib.key, output: zlib.output }] });
    const events = stderr.split("\n").flatMap((line) => (line.startsWith("{") ? [JSON.parse(line)] : []));
    expect(events).toContainEqual(expect.objectContaining({ type: "step-end", step: "zlib", outcome: "imported" }));
    expect(events.map(({ type }) => type)).not.toContain("step-start");
    expect((await readFile(join(cache, "objects", zlib.output, library))).equals(content)).toBe(true);
  });

  it("that is none is refused by its name", async () => {
    const words = ["build", "zlib", "--offline", "--cache-from", join(folder, "nothing"), "--json"];
    const { status, stdout } = await hadron(words, { env: { HADRON_CACHE: join(folder, "from") } });
    expect(status).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: "CACHE_NOT_FOUND", at: join(folder, "nothing") } });
  });
});

describe("a cache whose entries are signed", () => {
  const words = ["build", "zlib", "--test", "no", "--allow-test-key", "--events", "json", "--json"];
  let keys: Record<"ours" | "others", { key: string; publicKey: string }>;
  let registry: RealRegistry;
  /** Filled at once, by the variables alone. */
  let places: string[];

  beforeAll(async () => {
    const make = async (name: string) => {
      const [key, publicKey] = [join(folder, `${name}.key`), join(folder, `${name}.pub`)];
      await hadronData(["keys", "new", key, "--test"]);
      return { key, publicKey };
    };
    keys = { ours: await make("ours"), others: await make("others") };
    registry = await startRegistry(join(folder, "registry"));
    places = [join(folder, "signed"), `oci://${registry.host}/hadron/cache`];
    const env = {
      HADRON_CACHE: await makeCache("signing", { withZlib: true }),
      HADRON_CACHE_TO: places.join(","),
      HADRON_CACHE_KEY: keys.ours.key,
      HADRON_PLAIN_HTTP: registry.host,
    };
    await hadronData(words.slice(0, -1), { env });
  });
  afterAll(() => registry?.[Symbol.asyncDispose]());

  /** Builds zlib elsewhere, with these caches. */
  async function buildFrom(name: string, env: Record<string, string>, more: string[] = []) {
    const cache = await makeCache(name, { withZlib: false });
    const options = { env: { HADRON_CACHE: cache, HADRON_PLAIN_HTTP: registry.host, ...env } };
    const { status, stdout, stderr } = await hadron([...words, ...more], options);
    const events = stderr.split("\n").flatMap((line) => (line.startsWith("{") ? [JSON.parse(line)] : []));
    const data = JSON.parse(stdout) as { error?: { code: string }; steps?: unknown };
    return { status, data, events, objects: await readdir(join(cache, "objects")).catch(() => []) };
  }

  it.each([
    ["a folder", 0],
    ["a registry", 1],
  ])("brings an output from %s by the trusted key", async (name, index) => {
    const env = { HADRON_CACHE_FROM: places[index] ?? "", HADRON_CACHE_TRUST: keys.ours.publicKey };
    const { status, data, events, objects } = await buildFrom(`from ${name}`, env);
    expect({ status, data }).toMatchObject({ status: 0, data: { steps: [{ output: zlib.output }] } });
    expect(events).toContainEqual(expect.objectContaining({ type: "step-end", step: "zlib", outcome: "imported" }));
    expect(objects).toEqual([zlib.output]);
  });

  it("is refused by another key, and reported; what it has would be built", async () => {
    const env = { HADRON_CACHE_FROM: places[0] ?? "", HADRON_CACHE_TRUST: keys.others.publicKey };
    const { status, events, objects } = await buildFrom("by another key", env, ["--offline"]);
    expect(events).toContainEqual(expect.objectContaining({ type: "warning", code: "CACHE_ENTRY_REFUSED" }));
    // It has to be built now, and there are no sources.
    expect(status).toBe(exitStatus.source);
    expect(objects).toEqual([]);
  });

  it("in a registry is not asked before it is said whose word counts", async () => {
    const { status, data } = await buildFrom("by nobody", { HADRON_CACHE_FROM: places[1] ?? "" });
    expect({ status, data }).toMatchObject({
      status: exitStatus.usage,
      data: { error: { code: "CACHE_TRUST_MISSING" } },
    });
    const env = { HADRON_CACHE_FROM: places[1] ?? "", HADRON_CACHE_TRUST: "none" };
    expect(await buildFrom("by anybody", env)).toMatchObject({ status: 0, objects: [zlib.output] });
  });
});

describe("the toolchain's export", () => {
  const all = ["toolchain", "musl", "linux-headers"];
  let toolchain: string;
  let size: number;

  beforeAll(async () => {
    toolchain = join(folder, "toolchain");
    const data = await hadronData<{ bytes: number; missing: string[] }>(["cache", "export", toolchain, "--toolchain"]);
    expect(data.missing).toEqual([]);
    size = data.bytes;
  });

  it("is within its budget", () => {
    expect(size / 1e6).toBeLessThanOrEqual(exportBudgets.toolchain.limit);
  });

  it("brings the very compiler to another machine, which builds no part of it", async () => {
    const cache = join(folder, "without-compiler");
    await mkdir(join(cache, "sources"), { recursive: true });
    await symlink(join(cacheRoot(), "toolbox"), join(cache, "toolbox"));
    // Names and sizes, by which the sources are chosen that enter keys: what would be built of these zeros fails at once.
    for (const name of (await readdir(join(cacheRoot(), "sources"))).filter((name) => /^[0-9a-f]{64}$/.test(name))) {
      await writeFile(join(cache, "sources", name), "");
      await truncate(join(cache, "sources", name), (await stat(join(cacheRoot(), "sources", name))).size);
    }
    const build = ["build", ...all, "gcc", "binutils", "--test", "no", "--offline"];
    const outputs = async (words: string[], env: Record<string, string>) => {
      const { steps } = await hadronData<{ steps: StepResult[] }>([...build, ...words], { env });
      return steps.map(({ step, output }) => ({ step, output }));
    };
    const brought = await outputs(["--cache-from", toolchain], { HADRON_CACHE: cache });
    expect(brought).toEqual(await outputs([], {}));
    expect(await readdir(join(cache, "logs"))).toEqual([]);
  });
});

describe("store verify", () => {
  it("finds one flipped byte, with exit status 6, and removes what is damaged so that it is brought anew", async () => {
    const cache = await makeCache("damaged", { withZlib: true });
    const env = { HADRON_CACHE: cache };
    const verify = async (...words: string[]) => {
      const { status, stdout } = await hadron(["store", "verify", ...words, "--json"], { env });
      return { status, ...(JSON.parse(stdout) as { checked: number; damaged: unknown[] }) };
    };
    expect(await verify()).toMatchObject({ status: 0, checked: 1, damaged: [] });
    await flipByte(join(cache, "objects", zlib.output, library), 1_000_003);
    expect(await verify()).toMatchObject({
      status: 6,
      checked: 1,
      damaged: [{ object: zlib.output, path: join(cache, "objects", zlib.output), steps: ["zlib"] }],
    });
    const { status, stdout } = await hadron(["store", "verify"], { env });
    expect({ status, stdout }).toMatchObject({ status: 6, stdout: expect.stringContaining("damaged: ") });
    expect(await verify("--remove")).toMatchObject({ status: 6 });
    expect(await readdir(join(cache, "objects"))).toEqual([]);
    expect(await verify()).toMatchObject({ status: 0, checked: 0 });
    await hadronData(["build", "zlib", "--test", "no", "--offline", "--cache-from", exported], { env });
    expect(await verify()).toMatchObject({ status: 0, checked: 1 });
  });
});
