import { describe, expect, it } from "vitest";
import { type Event, HadronError } from "../base/mod.ts";
import type { Graph, Step, StepInput } from "../graph/mod.ts";
import { buildSteps } from "./build.ts";
import type { BuildOptions, SourceProvider } from "./build-options.ts";
import type { Caches } from "./cache/import.ts";
import { keyOf } from "./known-output.ts";
import type { StepResult } from "./store/store.ts";
import { openTestStore, type TestStore } from "./store/test-store.ts";

/** A step of one source, after others. */
function step(id: string, needs: string[] = []): Step {
  const inputs: StepInput[] = [
    { kind: "source", source: id, mount: `/sources/${id}` },
    ...needs.map((need): StepInput => ({ kind: "step", step: need, mount: `/needs/${need}` })),
  ];
  return { id, at: `recipes/${id}/recipe.ts:1`, script: "", env: {}, inputs };
}

const graphOf = (...steps: Step[]): Graph => ({ arch: "x86_64", steps: new Map(steps.map((it) => [it.id, it])) });

const missing = (name: string) =>
  new HadronError(`Could not get the source "${name}"`, { kind: "source", code: "SOURCE_OFFLINE", hint: "Fetch it" });

/** Of these sources none can be had but those that are there. */
function sourcesWith(...here: string[]): SourceProvider {
  return {
    choose: (name) => `digest of ${name}`,
    has: (name) => here.includes(name),
    ensure: async (name) => {
      if (!here.includes(name)) throw missing(name);
      return { path: `/nonexistent/${name}`, sha256: `digest of ${name}`, origin: "upstream" };
    },
  };
}

/** In these tests a step that is run fails: there is no sandbox. */
async function build(
  test: TestStore,
  graph: Graph,
  { wanted = [...graph.steps.keys()], ...options }: Partial<BuildOptions> & { wanted?: string[] },
) {
  const events: Event[] = [];
  const toolbox = { digest: "toolbox", root: "/nonexistent", bubblewrap: "/nonexistent" };
  const all = { store: test.store, toolbox, sources: sourcesWith(), emit: (event: Event) => void events.push(event) };
  const outcome = await buildSteps(graph, wanted, { ...all, ...options }).then(
    () => undefined,
    (error: unknown) => error,
  );
  return { outcome, events, started: events.filter(({ type }) => type === "step-start").length };
}

/** Makes the store know the steps, as a build that ended well would. */
async function remember(test: TestStore, graph: Graph): Promise<void> {
  const outputs = new Map<string, string>();
  const toolbox = { digest: "toolbox", root: "", bubblewrap: "" };
  const looking = { options: { store: test.store, toolbox }, sources: sourcesWith(), rebuilt: new Set<string>() };
  for (const it of graph.steps.values()) {
    const { output } = await test.put(it.id, { name: it.id });
    outputs.set(it.id, output);
    const key = keyOf(looking, it, (id) => outputs.get(id) ?? "");
    await test.store.remember({ key, step: it.id, output, size: 1, seconds: 1, sources: [] });
  }
}

describe("a source that can't be had", () => {
  it("ends an offline build before anything is run, where a step certainly needs it", async () => {
    await using test = await openTestStore();
    const graph = graphOf(step("binutils"), step("zlib"), step("xz"));
    const { outcome, started } = await build(test, graph, { sources: sourcesWith("binutils"), offline: true });
    expect(outcome).toMatchObject({ code: "SOURCE_OFFLINE", message: expect.stringContaining("2 sources") });
    expect(started).toBe(0);
  });

  it("is warned of at once, with the step that will need it, where that step may yet be known", async () => {
    await using test = await openTestStore();
    const graph = graphOf(step("binutils"), step("gcc", ["binutils"]), step("gcc:test", ["gcc"]));
    const { events } = await build(test, graph, { sources: sourcesWith("binutils", "gcc:test"), offline: true });
    expect(events.filter(({ type }) => type === "warning")).toMatchObject([
      { code: "SOURCE_OFFLINE", message: expect.stringMatching(/^Step "gcc" will fail .* source "gcc"/) },
    ]);
  });

  it("does no harm where everything is known", async () => {
    await using test = await openTestStore();
    const graph = graphOf(step("binutils"), step("gcc", ["binutils"]));
    await remember(test, graph);
    const { outcome, events } = await build(test, graph, { offline: true });
    expect(outcome).toBeUndefined();
    expect(events.map(({ type }) => type)).toEqual(["plan", "step-end", "step-end"]);
  });
});

describe("the lock of a build", () => {
  it("is not taken where everything is known, nor for a tree that only others need", async () => {
    await using test = await openTestStore();
    const graph = graphOf(step("a"), step("b", ["a"]));
    await remember(test, graph);
    const hold = () => Promise.reject(new Error("Held"));
    expect((await build(test, graph, { hold })).outcome).toBeUndefined();
    await test.store.remove((await test.put("a", { name: "a" })).output);
    expect((await build(test, graph, { hold, wanted: ["b"] })).outcome).toBeUndefined();
    expect((await build(test, graph, { hold, wanted: ["a"] })).outcome).toMatchObject({ message: "Held" });
  });

  it("is taken before anything is run, and what is there by then is used", async () => {
    await using test = await openTestStore();
    const graph = graphOf(step("a"), step("b", ["a"]));
    const { outcome, started } = await build(test, graph, { hold: () => remember(test, graph) });
    expect(outcome).toBeUndefined();
    expect(started).toBe(0);
  });
});

describe("what it takes to run a step", () => {
  const prepare = () => Promise.reject(new Error("No sandbox"));

  it("is not asked for where everything is known, nor where it only has to be brought here", async () => {
    await using test = await openTestStore();
    const graph = graphOf(step("a"), step("b", ["a"]));
    const bring = async (key: string, id: string): Promise<StepResult> => {
      const { output } = await test.put(id, { name: id });
      return { key, step: id, output, size: 1, seconds: 1, sources: [] };
    };
    const caches: Caches = {
      look: async (key, { id }) => ({ ...(await bring(key, id)), output: id }),
      take: ({ key }, { id }) => bring(key, id),
    };
    expect((await build(test, graph, { prepare, caches })).outcome).toBeUndefined();
    expect((await build(test, graph, { prepare })).outcome).toMatchObject({ message: "No sandbox" });
    await remember(test, graph);
    expect((await build(test, graph, { prepare })).outcome).toBeUndefined();
  });

  it("is there before one is begun", async () => {
    await using test = await openTestStore();
    const { outcome, started } = await build(test, graphOf(step("a")), { prepare, sources: sourcesWith("a") });
    expect(outcome).toMatchObject({ message: "No sandbox" });
    expect(started).toBe(0);
  });
});
