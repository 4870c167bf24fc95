import { dirname, relative } from "node:path";
import { HadronError } from "../base/mod.ts";
import type { BuildContext, Recipe, Target } from "../recipe/mod.ts";
import { baseEnvironment, crossEnvironment } from "./environment.ts";
import { filesInput } from "./files.ts";
import type { Graph, Step, StepInput } from "./step.ts";

export interface PlanOptions {
  target: Target;
  /** Version of each source, from the lock. */
  versions: ReadonlyMap<string, string>;
  /** Positions in messages are given relative to this folder. */
  root: string;
}

const implied = { tools: ["toolchain"], libs: ["musl", "linux-headers"] };

/** Names of what a recipe gets without asking: nothing where it is part of the toolchain itself. */
export function impliedNeeds({ bootstrap = false, needs = {} }: Recipe): { tools: string[]; libs: string[] } {
  return { tools: bootstrap || needs.tools ? [] : implied.tools, libs: bootstrap ? [] : implied.libs };
}

/** libtool's archives name paths of the build machine and mislead whoever links next. */
const epilogue = "find /out -name '*.la' -delete\n";

/** One step to build each recipe (its name) and one to test it (`<name>:test`), in topological order. */
export function planRecipes(recipes: ReadonlyMap<string, Recipe>, options: PlanOptions): Graph {
  const steps = new Map<string, Step>();
  const visit = (recipe: Recipe): void => {
    if (steps.has(recipe.name)) return;
    for (const need of directNeeds(recipe, recipes)) visit(need);
    const [build, test] = stepsOf(recipe, recipes, options);
    steps.set(build.id, build);
    steps.set(test.id, test);
  };
  for (const recipe of recipes.values()) visit(recipe);
  return { arch: options.target.arch, steps };
}

function stepsOf(recipe: Recipe, recipes: ReadonlyMap<string, Recipe>, options: PlanOptions): [Step, Step] {
  const { target, versions } = options;
  const sources = recipe.sources ?? [recipe.name];
  const at = `${relative(options.root, recipe.position.file)}:${recipe.position.line}`;
  for (const source of sources)
    if (!versions.has(source))
      throw new HadronError(`Recipe "${recipe.name}" needs the source "${source}", which is not in the lock`, {
        kind: "input",
        code: "SOURCE_UNKNOWN",
        at,
        hint: "Add it to sources.lock.json (see CONTRIBUTING.md)",
      });
  const context: BuildContext = { target, name: recipe.name, version: versions.get(sources[0] ?? "") ?? "0" };
  const env = recipe.bootstrap ? baseEnvironment(target) : { ...baseEnvironment(target), ...crossEnvironment(target) };
  const files = filesInput(dirname(recipe.position.file), "/recipe");
  const tools = toolsOf(recipe, recipes).map((need): StepInput => ({ kind: "step", step: need.name, mount: "/cross" }));
  const libs = libsOf(recipe, recipes).map((need): StepInput => ({ kind: "step", step: need.name, mount: "/sysroot" }));
  const trees = (recipe.needs?.trees ?? []).map(
    (need): StepInput => ({ kind: "step", step: need.name, mount: `/needs/${need.name}` }),
  );
  const common = [...(files ? [files] : []), ...tools, ...libs, ...trees];
  const own: StepInput = { kind: "step", step: recipe.name, mount: `/${recipe.output ?? "sysroot"}` };
  return [
    {
      id: recipe.name,
      at,
      script: recipe.bootstrap ? recipe.build(context) : `${recipe.build(context)}${epilogue}`,
      env,
      inputs: [
        ...sources.map((source): StepInput => ({ kind: "source", source, mount: `/sources/${source}` })),
        ...common,
      ],
    },
    {
      id: `${recipe.name}:test`,
      at,
      script: recipe.test(context),
      env,
      inputs: [...common.filter((input) => !isSame(input, own)), own],
    },
  ];
}

function isSame(a: StepInput, b: StepInput): boolean {
  return a.kind === "step" && b.kind === "step" && a.step === b.step && a.mount === b.mount;
}

function named(recipes: ReadonlyMap<string, Recipe>, name: string): Recipe {
  const found = recipes.get(name);
  if (!found) throw new Error(`No recipe is called "${name}", which every component needs`);
  return found;
}

function directNeeds(recipe: Recipe, recipes: ReadonlyMap<string, Recipe>): Recipe[] {
  return [...toolsOf(recipe, recipes), ...libsOf(recipe, recipes), ...(recipe.needs?.trees ?? [])];
}

function toolsOf(recipe: Recipe, recipes: ReadonlyMap<string, Recipe>): Recipe[] {
  return recipe.needs?.tools ?? impliedNeeds(recipe).tools.map((name) => named(recipes, name));
}

/** The libraries of a recipe, theirs included, sorted by name: the order of a merge must not depend on that of an import. */
export function libsOf(recipe: Recipe, recipes: ReadonlyMap<string, Recipe>): Recipe[] {
  const found = new Map<string, Recipe>();
  const add = (need: Recipe): void => {
    if (found.has(need.name) || need.name === recipe.name) return;
    found.set(need.name, need);
    for (const inner of need.needs?.libs ?? []) add(inner);
  };
  for (const need of recipe.needs?.libs ?? []) add(need);
  for (const name of impliedNeeds(recipe).libs) add(named(recipes, name));
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}
