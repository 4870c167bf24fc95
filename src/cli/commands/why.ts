import { lstat } from "node:fs/promises";
import { join, normalize } from "node:path";
import { HadronError } from "../../base/mod.ts";
import type { Recipe } from "../../recipe/mod.ts";
import { defineCommand } from "../command.ts";
import { componentOf, findBuilt, openProject, type Project } from "../project.ts";

interface Answer {
  subject: string;
  /** The components that hold the file; or the one asked for. */
  components: string[];
  /** For each of these, the chains of needs that lead to it, from a component that nothing needs. */
  chains: string[][];
  /** Those of the components that every other one is built with, without naming them: the toolchain and the C library. */
  builtWith: string[];
}

/** Of the many ways through a graph, only so many are of use to a reader. */
const mostChains = 20;

export const command = defineCommand("why", {
  run: async ({ subject, arch }, context): Promise<Answer> => {
    const project = await openProject(arch, context, { images: "all" });
    const components = subject.startsWith("/")
      ? await holdersOf(subject, project, context)
      : [componentOf(subject, project.recipes).name];
    const builtWith = components.filter((name) => isBuiltWith(name, project));
    const chains = components.flatMap((name) => chainsTo(name, project));
    return { subject, components, chains: chains.filter(([first = ""]) => !builtWith.includes(first)), builtWith };
  },
  render: ({ subject, components, chains, builtWith }) =>
    (subject.startsWith("/") ? `${subject} comes from ${components.join(", ")}\n` : "") +
    builtWith.map((name) => `Every component of the OS is built with ${name}\n`).join("") +
    chains
      .map((chain) => `${chain.length === 1 ? `${chain[0]} (nothing needs it)` : chain.join(" needs ")}\n`)
      .join(""),
});

async function holdersOf(path: string, project: Project, context: Parameters<typeof findBuilt>[2]): Promise<string[]> {
  const { store, built } = await findBuilt(project, [...project.recipes.keys()], context);
  const holders: string[] = [];
  for (const name of project.recipes.keys()) {
    const result = built.get(name);
    if (result && (await isThere(join(store.objectPath(result.output), normalize(path))))) holders.push(name);
  }
  if (holders.length > 0) return holders;
  const missing = [...project.recipes.keys()].filter((name) => !built.has(name));
  throw new HadronError(`No component that is built holds "${path}"`, {
    kind: "usage",
    code: "FILE_UNKNOWN",
    hint:
      missing.length === 0
        ? "Paths are those of the root tree, such as /usr/bin/mount: /bin, /sbin and /lib lead into /usr"
        : `Not built yet, so not looked into: ${missing.join(", ")}`,
  });
}

/** Chains of names, each needing the next, that end at this one. The shortest come first. */
export function chainsTo(name: string, project: Pick<Project, "recipes" | "images">): string[][] {
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

/** Recipes and images that name it; an image is written as `image cloud`. */
function directUsers(name: string, project: Pick<Project, "recipes" | "images">): string[] {
  const images = project.images.filter(({ components, kernel }) =>
    [...components, kernel].some((it) => it.name === name),
  );
  return [...images.map((image) => `image ${image.name}`), ...recipeUsers(name, project)];
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
