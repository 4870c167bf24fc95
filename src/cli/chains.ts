import type { Recipe } from "../recipe/mod.ts";
import type { Project } from "./project.ts";

type Known = Pick<Project, "recipes" | "images" | "graph">;

export interface Chains {
  /** Names, each needing the next, from one that nothing needs to the one that was asked about. The shortest come first. */
  chains: string[][];
  /** How many there are beside these. */
  more: number;
}

/** Of the many ways through a graph, only so many are of use to a reader. */
const mostChains = 20;

/** Chains that are followed at a time; those that are shown are found among them. */
const mostFollowed = 1000;

/** The chains of needs that lead to a component. */
export function chainsTo(name: string, known: Known): Chains {
  const found: string[][] = [];
  let front: string[][] = [[name]];
  while (front.length > 0 && found.length < mostChains) {
    const next: string[][] = [];
    for (const chain of front) {
      const users = directUsers(chain[0] ?? "", known);
      if (users.length === 0) found.push(chain);
      else next.push(...users.map((user) => [user, ...chain]));
    }
    front = next.slice(0, mostFollowed);
  }
  const chains = found.slice(0, mostChains);
  return { chains, more: countChains(name, known) - chains.length };
}

/** All of them, however many: each component is looked at once. */
function countChains(name: string, known: Known, counted: Map<string, number> = new Map()): number {
  const before = counted.get(name);
  if (before !== undefined) return before;
  const users = directUsers(name, known);
  const count = users.length === 0 ? 1 : users.reduce((sum, user) => sum + countChains(user, known, counted), 0);
  counted.set(name, count);
  return count;
}

/** Whether steps take it although no recipe and no image names it: the toolchain and the C library. */
export function isBuiltWith(name: string, { recipes, graph }: Pick<Project, "recipes" | "graph">): boolean {
  if (recipeUsers(name, recipes).length > 0) return false;
  return [...recipes.keys()].some((other) =>
    graph.steps.get(other)?.inputs.some((input) => input.kind === "step" && input.step === name),
  );
}

/** Names of the recipes whose needs name it. */
export function recipeUsers(name: string, recipes: Project["recipes"]): string[] {
  return [...recipes.values()]
    .filter(({ needs = {} }) => Object.values(needs).some((list) => list.some((need: Recipe) => need.name === name)))
    .map((recipe) => recipe.name);
}

/**
 * Recipes and images that name it; where none does, the steps that make an image with it. Written as `image cloud` and
 * `step cloud:disk`.
 */
function directUsers(name: string, { recipes, images, graph }: Known): string[] {
  const naming = images.filter(({ components, kernel }) =>
    [...components, ...(kernel ? [kernel] : [])].some((it) => it.name === name),
  );
  const named = [...naming.map((image) => `image ${image.name}`), ...recipeUsers(name, recipes)];
  return named.length > 0 ? named : stepUsers(name, { images, graph });
}

function stepUsers(name: string, { images, graph }: Pick<Project, "images" | "graph">): string[] {
  return [...graph.steps.values()]
    .filter(({ id }) => images.some((image) => id.startsWith(`${image.name}:`)))
    .filter(({ inputs }) => inputs.some((input) => input.kind === "step" && input.step === name))
    .map(({ id }) => `step ${id}`);
}
