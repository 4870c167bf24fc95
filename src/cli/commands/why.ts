import { lstat } from "node:fs/promises";
import { join, normalize } from "node:path";
import { HadronError, programName } from "../../base/mod.ts";
import { chainsTo, isBuiltWith } from "../chains.ts";
import { type Context, defineCommand } from "../command.ts";
import { signersOf } from "../module-signing.ts";
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
  /** How many chains there are beside these. */
  moreChains: number;
  /** Those of the components that every other one is built with, without naming them: the toolchain and the C library. */
  builtWith: string[];
  /** Those of the components that depend on a key which signs modules: what the store has of them is not known. */
  needKey: string[];
  /** What the subject takes of each image that is built. */
  costs: Cost[];
}

export const command = defineCommand("why", {
  run: async ({ subject, arch }, context): Promise<Answer> => {
    const project = await openProject(arch, context, { images: "all" });
    if (subject.includes("/") && !subject.startsWith("/")) throw notAbsolute(subject);
    const path = subject.startsWith("/") ? mergedPath(subject) : undefined;
    const { components, others } = path
      ? await holdersOf(path, project, context)
      : { components: [componentOf(subject, project.recipes).name], others: [] };
    const builtWith = components.filter((name) => isBuiltWith(name, project));
    const found = components.map((name) => chainsTo(name, project));
    return {
      subject,
      components,
      others,
      // That nothing needs it would be wrong of what every component is built with.
      chains: found.flatMap(({ chains }) => chains).filter(([first = ""]) => !builtWith.includes(first)),
      moreChains: found.reduce((sum, { more }) => sum + more, 0),
      builtWith,
      needKey: components.filter((name) => signersOf([name], project).length > 0),
      costs: await costsOf(path ?? subject, project, context),
    };
  },
  render: ({ subject, components, others, chains, moreChains, builtWith, needKey, costs }) =>
    (subject.startsWith("/") ? `${subject} comes from ${[...components, ...others].join(", ")}\n` : "") +
    builtWith.map((name) => `Every component of the OS is built with ${name}\n`).join("") +
    chains
      .map((chain) => `${chain.length === 1 ? `${chain[0]} (nothing needs it)` : chain.join(" needs ")}\n`)
      .join("") +
    (moreChains === 0 ? "" : `… and ${moreChains} more\n`) +
    needKey.map((name) => `${name} depends on a key that signs modules: --module-key FILE\n`).join("") +
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
  // What takes a key is not built by those who only ask.
  const compiled = new Set([...project.recipes.values()].flatMap(({ signs }) => (signs ? [signs.name] : [])));
  const keyed = [...names, ...roots].filter((step) => signersOf([step], project).length > 0);
  const isMissing = (name: string): boolean => !built.has(name) && !compiled.has(name) && !keyed.includes(name);
  const missing = { components: names.filter(isMissing), roots: roots.filter(isMissing) };
  if (missing.components.length + missing.roots.length > 0) throw notBuilt(path, missing);
  throw new HadronError(`No component and no image holds "${path}"`, {
    kind: "usage",
    code: "FILE_UNKNOWN",
    hint: `Paths are those of the root tree, such as /usr/bin/mount${
      keyed.length === 0 ? "" : `. Not looked at, as they depend on a key: ${keyed.join(", ")}`
    }`,
  });
}

/** The path may be right: what would tell is not there. */
function notBuilt(path: string, { components, roots }: { components: string[]; roots: string[] }): HadronError {
  const count = components.length + roots.length;
  const commands = [
    ...(components.length === 0 ? [] : [`${programName()} build makes the components`]),
    ...(roots.length === 0 ? [] : [`${programName()} build ${roots.join(" ")} makes the root trees`]),
  ];
  return new HadronError(
    `Nothing that is built holds "${path}", and ${count === 1 ? "1 step is" : `${count} steps are`} not built yet`,
    { kind: "store", code: "NOT_BUILT", hint: commands.join("; ") },
  );
}

/** `/sbin/init` → `/usr/bin/init`: the old folders are links. */
export function mergedPath(path: string): string {
  return normalize(path)
    .replace(/^\/(usr\/)?s?bin(?=\/)/, "/usr/bin")
    .replace(/^\/(usr\/)?lib(64)?(?=\/)/, "/usr/lib");
}

async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
