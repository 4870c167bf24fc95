import { relative } from "node:path";
import { chooseCandidate, sourceEntry } from "../../engine/mod.ts";
import { formatBytes, formatSeconds, renderFacts } from "../../report/mod.ts";
import { defineCommand } from "../command.ts";
import { componentOf, findBuilt, openProject } from "../project.ts";

export const command = defineCommand("show", {
  run: async ({ component, arch }, context) => {
    const project = await openProject(arch, context);
    const { name, summary, position, sources = [component], needs = {} } = componentOf(component, project.recipes);
    const { store, built } = await findBuilt(project, [name, `${name}:test`], context);
    const result = built.get(name);
    const namesOf = (recipes: readonly { name: string }[] = []) => recipes.map((need) => need.name);
    return {
      name,
      summary,
      at: `${relative(context.root, position.file)}:${position.line}`,
      sources: sources.map((source) => {
        const { version, origin, sha256, size } = chooseCandidate(source, {
          lock: project.lock,
          cacheRoot: context.cacheRoot,
        });
        const { licence, homepage } = sourceEntry(source, project.lock);
        return { name: source, version, licence, homepage, origin, sha256, size };
      }),
      needs: { tools: namesOf(needs.tools), libs: namesOf(needs.libs), trees: namesOf(needs.trees) },
      neededBy: [...project.recipes.values()]
        .filter((other) => Object.values(other.needs ?? {}).some((list) => namesOf(list).includes(name)))
        .map((other) => other.name),
      built: result && { ...result, path: store.objectPath(result.output) },
      tested: built.has(`${name}:test`),
    };
  },
  render: ({ name, summary, at, sources, needs, neededBy, built, tested }) =>
    renderFacts({
      name,
      summary,
      recipe: at,
      source: sources.map(({ name, version, licence, origin, size }) =>
        [`${name} ${version}`, licence, origin, formatBytes(size)].join(", "),
      ),
      homepage: [...new Set(sources.map(({ homepage }) => homepage))],
      tools: needs.tools.join(" "),
      libs: needs.libs.join(" "),
      trees: needs.trees.join(" "),
      "needed by": neededBy.join(" "),
      built: built ? `${formatBytes(built.size)} in ${formatSeconds(built.seconds)}${tested ? ", tested" : ""}` : "no",
      key: built?.key,
      output: built?.path,
    }),
});
