import { relative } from "node:path";
import { programName } from "../../base/mod.ts";
import { chooseCandidate, sourceEntry } from "../../engine/mod.ts";
import { impliedNeeds } from "../../graph/mod.ts";
import type { Recipe } from "../../recipe/mod.ts";
import { formatBytes, formatSeconds, renderFacts } from "../../report/mod.ts";
import { recipeUsers } from "../chains.ts";
import { defineCommand } from "../command.ts";
import { signersOf } from "../module-signing.ts";
import { componentOf, findBuilt, openProject } from "../project.ts";
import { target } from "../shared-options.ts";

export const command = defineCommand("show", {
  run: async ({ component, arch }, context) => {
    const project = await openProject(arch, context, { images: "all" });
    const recipe = componentOf(component, project.recipes);
    const { name, summary, position, sources = [component], needs = {} } = recipe;
    const { store, built } = await findBuilt(project, [name, `${name}:test`], context);
    const result = built.get(name);
    const implied = impliedNeeds(recipe);
    const namesOf = (named: readonly Recipe[] = [], others: readonly string[] = []) => [
      ...new Set([...named.map((need) => need.name), ...others]),
    ];
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
      needs: {
        tools: namesOf(needs.tools, implied.tools),
        libs: namesOf(needs.libs, implied.libs),
        trees: namesOf(needs.trees),
        /** Those of them that the recipe does not name itself. */
        implied: [...implied.tools, ...implied.libs],
      },
      neededBy: recipeUsers(name, project.recipes),
      built: result && { ...result, path: store.objectPath(result.output) },
      tested: built.has(`${name}:test`),
      /** What the store has of it is not known then. */
      needsKey: signersOf([name], project).length > 0,
    };
  },
  render: ({ name, summary, at, sources, needs, neededBy, built, tested, needsKey }, { arch }) =>
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
      built: built
        ? `${formatBytes(built.size)} in ${formatSeconds(built.seconds)}${tested ? ", tested" : ""}`
        : needsKey
          ? "depends on a key that signs modules"
          : "no",
      key: built?.key,
      output:
        built?.path ??
        `${needsKey ? "" : "not built: "}${programName()} build ${name}${arch === target.arch.default ? "" : ` --arch ${arch}`}${
          needsKey ? " --module-key FILE" : ""
        }`,
    }),
});
