import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { HadronError, programName } from "../base/mod.ts";
import { type BuildOptions, buildSteps, closure } from "../engine/mod.ts";
import { type Graph, withInput } from "../graph/mod.ts";
import {
  assertSignatures,
  assertSignaturesPlace,
  type ModuleKey,
  makeSignatures,
  moduleSignaturesInput,
  readModuleKey,
  saveSignatures,
  takeSignatures,
} from "../image/mod.ts";
import type { Recipe } from "../recipe/mod.ts";
import type { Project } from "./project.ts";

/** What the command line says about signatures of kernel modules. */
export interface SigningInput {
  moduleKey: string | undefined;
  moduleSignatures: string | undefined;
  saveSignatures: string | undefined;
}

/** What is to be signed, and by what. */
export interface Signing {
  /** The component that takes the signatures. */
  component: string;
  /** The one whose modules they are of. */
  kernel: string;
  by: { key: ModuleKey } | { signatures: string };
  saveTo: string | undefined;
}

/** Of the recipes that sign modules those that the steps take: what the steps make depends on a key then. */
export function signersOf(steps: readonly string[], { recipes, graph }: Pick<Project, "recipes" | "graph">): Recipe[] {
  const taken = closure(graph, steps);
  return [...recipes.values()].filter(({ name, signs }) => signs !== undefined && taken.has(name));
}

/**
 * Finds out whether the wanted steps take a kernel whose modules have to be signed, and by what; reads the key, and looks at all that
 * can be judged before anything is built.
 * @returns undefined where they don't
 * @throws HadronError `MODULES_UNSIGNED`, `MODULE_KEY_INVALID`, `MODULE_SIGNATURES`, `SIGNATURES_OUTPUT`, `USAGE_OPTION`, `USAGE_ARGUMENT`
 */
export async function prepareSigning(
  { recipes, graph }: Pick<Project, "recipes" | "graph">,
  wanted: readonly string[],
  input: SigningInput,
): Promise<Signing | undefined> {
  const { moduleKey, moduleSignatures } = input;
  const [recipe, ...others] = signersOf(wanted, { recipes, graph });
  if (!recipe?.signs) {
    const given = Object.values({ moduleKey, moduleSignatures, save: input.saveSignatures }).some(Boolean);
    if (given)
      throw usage("There are no modules to sign in what is to be built", "Leave out the options that sign them");
    return undefined;
  }
  if (others.length > 0)
    throw new HadronError(
      `Signatures are given for one kernel at a time, and there are ${[recipe, ...others].map(({ name }) => name).join(", ")}`,
      { kind: "usage", code: "USAGE_ARGUMENT", hint: "Build images or steps that take different kernels one by one" },
    );
  if (moduleKey !== undefined && moduleSignatures !== undefined)
    throw usage("Modules are signed by a key, or have signatures already", "Give --module-key or --module-signatures");
  const saveTo = input.saveSignatures === undefined ? undefined : resolve(input.saveSignatures);
  if (saveTo !== undefined) await assertSignaturesPlace(saveTo);
  const common = { component: recipe.name, kernel: recipe.signs.name, saveTo };
  if (moduleKey !== undefined) return { ...common, by: { key: await readModuleKey(resolve(moduleKey)) } };
  if (moduleSignatures !== undefined) {
    const signatures = resolve(moduleSignatures);
    await assertSignatures(signatures);
    return { ...common, by: { signatures } };
  }
  throw new HadronError(`The modules of ${recipe.signs.name} have to be signed, and nothing says by whom`, {
    kind: "usage",
    code: "MODULES_UNSIGNED",
    hint: `Give --module-key FILE; ${programName()} keys new --modules FILE makes a key. Or --module-signatures FOLDER`,
  });
}

/**
 * Builds the kernel, signs its modules here, outside of any step, and gives the graph the signatures. They go away with it.
 * @throws HadronError `MODULE_SIGNATURES`, `SIGNATURES_OUTPUT`, and what `buildSteps` throws
 */
export async function signedGraph(
  graph: Graph,
  signing: Signing | undefined,
  options: BuildOptions,
): Promise<AsyncDisposable & { graph: Graph }> {
  if (!signing) return { graph, [Symbol.asyncDispose]: async () => {} };
  const { component, kernel, by, saveTo } = signing;
  if ("key" in by && by.key.exposedAt !== undefined)
    options.emit({
      type: "note",
      message: `Others than its owner can read the key "${by.key.exposedAt}": chmod 600 keeps it to the owner`,
    });
  const built = await buildSteps(graph, [kernel], options);
  const tree = built.get(kernel)?.path ?? "";
  const work = await options.store.makeWorkFolder("signatures");
  const dispose = () => rm(work, { recursive: true, force: true });
  try {
    const folder = join(work, "signatures");
    const { subject, count } =
      "key" in by
        ? { subject: by.key.subject, count: await makeSignatures(tree, by.key, folder) }
        : await takeSignatures(tree, { from: by.signatures, into: folder });
    if (saveTo !== undefined) await saveSignatures(folder, saveTo);
    options.emit({ type: "note", message: `${count} modules of ${kernel} are signed by "${subject}"` });
    return { graph: withInput(graph, component, moduleSignaturesInput(folder)), [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

function usage(message: string, hint: string): HadronError {
  return new HadronError(message, { kind: "usage", code: "USAGE_OPTION", hint });
}
