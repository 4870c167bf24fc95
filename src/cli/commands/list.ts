import { join } from "node:path";
import { imageNames } from "../../image/mod.ts";
import { formatBytes, renderTable } from "../../report/mod.ts";
import { defineCommand } from "../command.ts";
import { findBuilt, openProject } from "../project.ts";

interface Component {
  name: string;
  version: string | undefined;
  summary: string;
  /** Whether the store has its output. */
  built: boolean;
  /** Bytes of the output, where it is built. */
  size: number | undefined;
}

export const command = defineCommand("list", {
  run: async ({ arch }, context): Promise<{ components: Component[]; images: string[] }> => {
    const project = await openProject(arch, context);
    const { built } = await findBuilt(project, [...project.recipes.keys()], context);
    const components = [...project.recipes.values()].map(({ name, summary, sources }) => {
      const source = (sources ?? [name])[0];
      const version = source === undefined ? undefined : project.lock.sources[source]?.version;
      return { name, version, summary, built: built.has(name), size: built.get(name)?.size };
    });
    return { components, images: await imageNames(join(context.root, "images")) };
  },
  render: ({ components, images }) =>
    renderTable(
      ["COMPONENT", "VERSION", "BUILT", "SUMMARY"],
      components.map(({ name, version, summary, size }) => [
        name,
        version ?? "-",
        size === undefined ? "no" : formatBytes(size),
        summary,
      ]),
    ) +
    (images.length === 0
      ? ""
      : `\n${renderTable(
          ["IMAGE"],
          images.map((name) => [name]),
        )}`),
});
