import { describe, expect, it } from "vitest";
import { type Recipe, type RecipeFields, recipe, targets } from "../recipe/mod.ts";
import { planRecipes } from "./plan.ts";

function make(name: string, fields: Partial<RecipeFields> = {}): Recipe {
  return recipe({ name, summary: name, sources: [], build: () => `build ${name}\n`, test: () => "true\n", ...fields });
}

const toolchain = make("toolchain", { bootstrap: true, output: "cross" });
const headers = make("linux-headers", { bootstrap: true });
const musl = make("musl", { bootstrap: true, needs: { tools: [toolchain], libs: [headers] } });
const zlib = make("zlib", { sources: ["zlib"] });
const png = make("png", { needs: { libs: [zlib] } });
const app = make("app", { needs: { libs: [png], trees: [toolchain] } });

const options = { target: targets.x86_64, versions: new Map([["zlib", "1.3"]]), root: import.meta.dirname };

function plan(...recipes: Recipe[]) {
  const all = [...recipes, toolchain, headers, musl];
  return planRecipes(new Map(all.map((it) => [it.name, it])), options).steps;
}

describe("planRecipes", () => {
  it("gives a step to build and one to test each, every step after those that it needs", () => {
    const steps = plan(app, png, zlib);
    expect([...steps.keys()].sort()).toEqual(
      ["app", "linux-headers", "musl", "png", "toolchain", "zlib"].flatMap((name) => [name, `${name}:test`]),
    );
    const order = [...steps.keys()];
    for (const [id, step] of steps)
      for (const input of step.inputs)
        if (input.kind === "step") expect(order.indexOf(input.step)).toBeLessThan(order.indexOf(id));
  });

  it("adds the toolchain, musl, and the libraries of libraries, sorted", () => {
    const inputs = plan(app, png, zlib).get("app")?.inputs;
    expect(inputs?.map((input) => `${input.kind === "step" ? input.step : input.kind} ${input.mount}`)).toEqual(
      [
        "files /recipe",
        "toolchain /cross",
        "linux-headers /sysroot",
        "musl /sysroot",
        "png /sysroot",
        "zlib /sysroot",
        "toolchain /needs/toolchain",
      ].filter((line) => inputs?.some(({ kind }) => kind === "files") || !line.startsWith("files")),
    );
  });

  it("a test sees the component itself at its output's place, once", () => {
    const steps = plan(zlib);
    const mounts = (id: string) =>
      steps.get(id)?.inputs.flatMap((input) => (input.kind === "step" ? [`${input.step} ${input.mount}`] : []));
    expect(mounts("zlib:test")?.filter((it) => it === "zlib /sysroot")).toHaveLength(1);
    expect(mounts("toolchain:test")).toEqual(["toolchain /cross"]);
    expect(mounts("musl:test")?.filter((it) => it === "musl /sysroot")).toHaveLength(1);
  });

  it("a bootstrap step gets no cross compiler in its environment", () => {
    const steps = plan(zlib);
    expect(steps.get("zlib")?.env.CC).toBe("x86_64-hadron-linux-musl-gcc");
    expect(steps.get("musl")?.env.CC).toBeUndefined();
    expect(steps.get("musl")?.env.TRIPLE).toBe("x86_64-hadron-linux-musl");
  });

  it("says where a step comes from, relative to the project", () => {
    expect(plan(zlib).get("zlib")?.at).toMatch(/^plan\.test\.ts:\d+$/);
  });

  it("a source that is not in the lock is refused by name, with the place", () => {
    expect(() => plan(make("curl", { sources: ["curl"] }))).toThrow(
      expect.objectContaining({
        kind: "input",
        code: "SOURCE_UNKNOWN",
        message: expect.stringContaining('"curl"'),
        at: expect.stringMatching(/^plan\.test\.ts:\d+$/),
      }),
    );
  });

  it("gives another architecture other steps", () => {
    const recipes = new Map([zlib, toolchain, headers, musl].map((it) => [it.name, it]));
    const arm = planRecipes(recipes, { ...options, target: targets.aarch64 });
    expect(arm.arch).toBe("aarch64");
    expect(arm.steps.get("zlib")?.env.CC).toBe("aarch64-hadron-linux-musl-gcc");
  });
});
