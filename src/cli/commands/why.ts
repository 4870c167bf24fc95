import { lstat } from "node:fs/promises";
import { join, normalize } from "node:path";
import { HadronError } from "../../base/mod.ts";
import type { Recipe } from "../../recipe/mod.ts";
import { type Context, defineCommand } from "../command.ts";
import { componentOf, findBuilt, openProject, type Project } from "../project.ts";
import { type Cost, costsOf, renderCost } from "../size-cost.ts";

interface Answer {
  subject: string;
  /** The components that hold the file; or the one asked for. */
  components: string[];
  /** Where the file comes from if not from a component: a file of the project, steps that put an image together. */
  others: string[];
  /** For each of these, the chains of needs that lead to it, from a component that nothing needs. */
  chains: string[][];
  /** Those of the components that every other one is built with, without naming them: the toolchain and the C library. */
  builtWith: string[];
  /** What the subject takes of each image that is built. */
  costs: Cost[];
}

/** Of the many ways through a graph, only so many are of use to a reader. */
const mostChains = 20;

export const command = defineCommand("why", {
  run: async ({ subject, arch }, context): Promise<Answer> => {
    const project = await openProject(arch, context, { images: "all" });
    if (subject.includes("/") && !subject.startsWith("/")) throw notAbsolute(subject);
    const path = subject.startsWith("/") ? mergedPath(subject) : undefined;
    const { components, others } = path
      ? await holdersOf(path, project, context)
      : { components: [componentOf(subject, project.recipes).name], others: [] };
    const builtWith = components.filter((name) => isBuiltWith(name, project));
    const chains = components.flatMap((name) => chainsTo(name, project));
    return {
      subject,
      components,
      others,
      chains: chains.filter(([first = ""]) => !builtWith.includes(first)),
      builtWith,
      costs: await costsOf(path ?? subject, project, context),
    };
  },
  render: ({ subject, components, others, chains, builtWith, costs }) =>
    (subject.startsWith("/") ? `${subject} comes from ${[...components, ...others].join(", ")}\n` : "") +
    builtWith.map((name) => `Every component of the OS is built with ${name}\n`).join("") +
    chains
      .map((chain) => `${chain.length === 1 ? `${chain[0]} (nothing needs it)` : chain.join(" needs ")}\n`)
      .join("") +
    costs.map(renderCost).join(""),
});

function notAbsolute(subject: string): HadronError {
  return new HadronError(`There is no component "${subject}"`, {
    kind: "usage",
    code: "COMPONENT_UNKNOWN",
    hint: `Did you mean "/${subject.replace(/^\.\//, "")}"? Paths of the OS begin with a slash`,
  });
}

async function holdersOf(
  path: string,
  project: Project,
  context: Context,
): Promise<Pick<Answer, "components" | "others">> {
  const names = [...project.recipes.keys()];
  const roots = project.images.map(({ name }) => `${name}:root`);
  const { store, built } = await findBuilt(project, [...names, ...roots], context);
  const holds = async (step: string): Promise<boolean> => {
    const result = built.get(step);
    return result !== undefined && (await isThere(join(store.objectPath(result.output), path)));
  };
  const components: string[] = [];
  for (const name of names) if (await holds(name)) components.push(name);
  if (components.length > 0) return { components, others: [] };
  if (await isThere(join(context.root, "os", path))) return { components, others: [join("os", path)] };
  const others: string[] = [];
  for (const root of roots) if (await holds(root)) others.push(root);
  if (others.length > 0) return { components, others };
  const missing = [...names, ...roots].filter((name) => !built.has(name));
  throw new HadronError(`Nothing that is built holds "${path}"`, {
    kind: "usage",
    code: "FILE_UNKNOWN",
    hint:
      missing.length === 0
        ? "Paths are those of the root tree, such as /usr/bin/mount"
        : `Not built yet, so not looked into: ${missing.join(", ")}`,
  });
}

/** `/sbin/init` → `/usr/bin/init`: the old folders are links. */
export function mergedPath(path: string): string {
  return normalize(path)
    .replace(/^\/(usr\/)?s?bin(?=\/)/, "/usr/bin")
    .replace(/^\/(usr\/)?lib(64)?(?=\/)/, "/usr/lib");
}

/** Chains of names, each needing the next, that end at this one. The shortest come first. */
export function chainsTo(name: string, project: Pick<Project, "recipes" | "images" | "graph">): string[][] {
  const found: string[][] = [];
  let front: string[][] = [[name]];
  while (front.length > 0 && found.length < mostChains) {
    const next: string[][] = [];
    for (const chain of front) {
      const users = directUsers(chain[0] ?? "", project);
      if (users.length === 0) found.push(chain);
      else next.push(...users.map((user) => [user, ...chain]));
    }
    front = next.slice(0, 1000);
  }
  return found.slice(0, mostChains);
}

/** Whether steps take it although no recipe and no image names it. */
function isBuiltWith(name: string, project: Project): boolean {
  if (recipeUsers(name, project).length > 0) return false;
  return [...project.recipes.keys()].some((other) =>
    project.graph.steps.get(other)?.inputs.some((input) => input.kind === "step" && input.step === name),
  );
}

/**
 * Recipes and images that name it; where none does, the steps that make an image with it. Written as `image cloud` and
 * `step cloud:disk`.
 */
function directUsers(name: string, project: Pick<Project, "recipes" | "images" | "graph">): string[] {
  const images = project.images.filter(({ components, kernel }) =>
    [...components, ...(kernel ? [kernel] : [])].some((it) => it.name === name),
  );
  const named = [...images.map((image) => `image ${image.name}`), ...recipeUsers(name, project)];
  return named.length > 0 ? named : stepUsers(name, project);
}

function stepUsers(name: string, { images, graph }: Pick<Project, "images" | "graph">): string[] {
  return [...graph.steps.values()]
    .filter(({ id }) => images.some((image) => id.startsWith(`${image.name}:`)))
    .filter(({ inputs }) => inputs.some((input) => input.kind === "step" && input.step === name))
    .map(({ id }) => `step ${id}`);
}

function recipeUsers(name: string, { recipes }: Pick<Project, "recipes">): string[] {
  return [...recipes.values()]
    .filter((recipe) =>
      Object.values(recipe.needs ?? {}).some((list) => list.some((need: Recipe) => need.name === name)),
    )
    .map((recipe) => recipe.name);
}

async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
