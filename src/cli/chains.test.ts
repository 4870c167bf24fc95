import { expect, it } from "vitest";
import type { Step } from "../graph/mod.ts";
import { type Recipe, recipe } from "../recipe/mod.ts";
import { chainsTo, isBuiltWith } from "./chains.ts";

const named = (name: string, ...libs: Recipe[]) =>
  recipe({ name, summary: "…", needs: { libs }, build: () => "", test: () => "" });

function known(...recipes: Recipe[]) {
  const steps = recipes.map(({ name, needs }): [string, Step] => [
    name,
    {
      ...{ id: name, at: "", script: "", env: {} },
      inputs: ["musl", ...(needs?.libs ?? []).map((lib) => lib.name)].map((step) => ({
        kind: "step",
        step,
        mount: "/",
      })),
    },
  ]);
  return {
    recipes: new Map(recipes.map((it) => [it.name, it])),
    images: [],
    graph: { arch: "x86_64", steps: new Map(steps) },
  };
}

it("finds every chain of needs, the shortest first", () => {
  const [zlib, xz] = [named("zlib"), named("xz")];
  const kmod = named("kmod", zlib, xz);
  const project = known(kmod, named("systemd", kmod, xz), xz, zlib);
  expect(chainsTo("xz", project)).toEqual({
    chains: [
      ["systemd", "xz"],
      ["systemd", "kmod", "xz"],
    ],
    more: 0,
  });
  expect(chainsTo("systemd", project)).toEqual({ chains: [["systemd"]], more: 0 });
});

it("shows some of many chains, and counts the rest", () => {
  let layer = [named("zlib")];
  const all = [...layer];
  for (const height of ["a", "b", "c", "d", "e"]) {
    layer = [named(`${height}-one`, ...layer), named(`${height}-two`, ...layer)];
    all.push(...layer);
  }
  const { chains, more } = chainsTo("zlib", known(...all));
  expect(chains).toHaveLength(20);
  expect(new Set(chains.map((chain) => chain.join()))).toHaveLength(20);
  expect(more).toBe(2 ** 5 - 20);
});

it("knows what is built with without being named", () => {
  const zlib = named("zlib");
  const project = known(named("musl"), zlib, named("kmod", zlib));
  expect(["musl", "zlib", "kmod"].filter((name) => isBuiltWith(name, project))).toEqual(["musl"]);
});
