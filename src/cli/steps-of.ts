import { HadronError, programName } from "../base/mod.ts";
import { didYouMean } from "./nearest.ts";
import type { Project } from "./project.ts";

/**
 * The steps that words of the command line mean: a component (with its test), or one step by its full name, such as
 * `zlib:test`. No words mean all components.
 * @throws HadronError `COMPONENT_UNKNOWN` with the nearest name
 */
export function stepsOf(
  words: readonly string[],
  { recipes, graph }: Pick<Project, "recipes" | "graph">,
  { withTests }: { withTests: boolean },
): string[] {
  const names = words.length === 0 ? [...recipes.keys()] : words;
  const steps = names.flatMap((name) => {
    if (recipes.has(name)) return withTests ? [name, `${name}:test`] : [name];
    if (graph.steps.has(name)) return [name];
    throw new HadronError(`There is no component or step "${name}"`, {
      kind: "usage",
      code: "COMPONENT_UNKNOWN",
      hint: didYouMean(
        name,
        [...recipes.keys(), ...graph.steps.keys()],
        `${programName()} list names the components, ${programName()} graph the steps`,
      ),
    });
  });
  return [...new Set(steps)];
}
