import { join } from "node:path";
import { closure } from "../../engine/mod.ts";
import { imageNames } from "../../image/mod.ts";
import { formatBytes, renderTable } from "../../report/mod.ts";
import { defineCommand } from "../command.ts";
import { signersOf } from "../module-signing.ts";
import { findBuilt, openProject, type Project } from "../project.ts";

interface Component {
  name: string;
  version: string | undefined;
  summary: string;
  /** The images that have it, where it is no component of `recipes/`. */
  onlyIn: string[];
  /** It depends on a key that signs modules: what the store has of it is not known. */
  needsKey: boolean;
  /** Whether the store has its output. */
  built: boolean;
  /** Bytes of the output, where it is built. */
  size: number | undefined;
}

export const command = defineCommand("list", {
  run: async ({ arch }, context): Promise<{ components: Component[]; images: string[] }> => {
    const common = (await openProject(arch, context)).recipes;
    const project = await openProject(arch, context, { images: "all" });
    const { built } = await findBuilt(project, [...project.recipes.keys()], context);
    const components = [...project.recipes.values()].map(({ name, summary, sources }) => {
      const source = (sources ?? [name])[0];
      const version = source === undefined ? undefined : project.lock.sources[source]?.version;
      return {
        name,
        version,
        summary,
        onlyIn: common.has(name) ? [] : imagesWith(name, project),
        needsKey: signersOf([name], project).length > 0,
        built: built.has(name),
        size: built.get(name)?.size,
      };
    });
    return { components, images: await imageNames(join(context.root, "images")) };
  },
  render: ({ components, images }) =>
    renderTable(
      ["COMPONENT", "VERSION", "BUILT", "SUMMARY"],
      components.map(({ name, version, summary, onlyIn, needsKey, size }) => [
        name,
        version ?? "-",
        size !== undefined ? formatBytes(size) : needsKey ? "by a key" : "no",
        onlyIn.length === 0 ? summary : `${summary} (only in ${onlyIn.join(", ")})`,
      ]),
    ) +
    (images.length === 0
      ? ""
      : `\n${renderTable(
          ["IMAGE"],
          images.map((name) => [name]),
        )}`),
});

function imagesWith(component: string, { images, graph }: Project): string[] {
  return images.flatMap(({ name, components, kernel }) => {
    const parts = [...components, ...(kernel ? [kernel] : [])].map((recipe) => recipe.name);
    return closure(graph, parts).has(component) ? [name] : [];
  });
}
