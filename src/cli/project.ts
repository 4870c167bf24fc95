import { join, relative } from "node:path";
import { HadronError, programName } from "../base/mod.ts";
import {
  chooseCandidate,
  closure,
  ensureSource,
  lookAtStore,
  readSourceLock,
  type SourceLock,
  type SourceOptions,
  type SourceProvider,
  type StepResult,
  type StoreView,
  sourceNames,
  surveySteps,
  toolboxSetDigest,
} from "../engine/mod.ts";
import { type Graph, loadRecipes, planRecipes, withRecipes } from "../graph/mod.ts";
import { imageGraph, imageNames, loadImage } from "../image/mod.ts";
import { type Arch, type Recipe, targets } from "../recipe/mod.ts";
import type { Image } from "../rootfs/mod.ts";
import type { Context } from "./command.ts";
import { didYouMean } from "./nearest.ts";

/** The checkout, read: recipes, the source lock, images where asked for, and the graph for one architecture. */
export interface Project {
  /** Those of `recipes/`, and what only the images that were asked for are made of. */
  recipes: ReadonlyMap<string, Recipe>;
  lock: SourceLock;
  images: Image[];
  /** Steps of the components, and of the images that were asked for. */
  graph: Graph;
}

/**
 * @param options.images Names of images whose steps are wanted as well; none by default
 * @param options.more Recipes beside those of the checkout
 */
export async function openProject(
  arch: Arch,
  { root }: Pick<Context, "root">,
  options: { images?: readonly string[] | "all"; more?: readonly Recipe[] } = {},
): Promise<Project> {
  const lock = readSourceLock(join(root, "sources.lock.json"));
  const components = await loadRecipes(join(root, "recipes"));
  const folder = join(root, "images");
  const names = options.images === "all" ? await imageNames(folder) : (options.images ?? []);
  const images: Image[] = [];
  for (const name of names) images.push(await imageOf(name, folder));
  const recipes = withRecipes(components, [
    ...(options.more ?? []),
    ...images.flatMap((image) => [...image.components, ...(image.kernel === undefined ? [] : [image.kernel])]),
  ]);
  const sources = new Map(Object.entries(lock.sources));
  const versions = new Map([...sources].map(([name, { version }]) => [name, version]));
  const target = targets[arch];
  let graph = planRecipes(recipes, { target, versions, root });
  for (const image of images) {
    const at = `${relative(root, image.position.file)}:${image.position.line}`;
    graph = imageGraph(graph, { image, target, recipes, sources, at });
  }
  return { recipes, lock, images, graph };
}

async function imageOf(name: string, folder: string): Promise<Image> {
  const names = await imageNames(folder);
  if (names.includes(name)) return loadImage(name, folder);
  throw new HadronError(`There is no image "${name}"`, {
    kind: "usage",
    code: "IMAGE_UNKNOWN",
    hint: didYouMean(name, names, `Images: ${names.join(", ") || "none"}`),
  });
}

/** @throws HadronError `COMPONENT_UNKNOWN` with the nearest name */
export function componentOf(name: string, recipes: ReadonlyMap<string, Recipe>): Recipe {
  const recipe = recipes.get(name);
  if (recipe) return recipe;
  throw new HadronError(`There is no component "${name}"`, {
    kind: "usage",
    code: "COMPONENT_UNKNOWN",
    hint: didYouMean(name, recipes.keys(), `${programName()} list names them all`),
  });
}

/** @throws HadronError `SOURCE_UNKNOWN` with the nearest name */
export function assertSource(name: string, lock: SourceLock): void {
  const names = sourceNames(lock);
  if (names.includes(name)) return;
  throw new HadronError(`There is no source "${name}"`, {
    kind: "usage",
    code: "SOURCE_UNKNOWN",
    hint: didYouMean(name, names, `${programName()} sources names them all`),
  });
}

/** How the command line says where sources come from. */
export interface OriginInput {
  offline: boolean;
  requireUpstream: boolean;
  mirror: string | undefined;
  from: string | undefined;
}

export function sourceOptions(input: OriginInput, lock: SourceLock, context: Context): SourceOptions {
  const { offline, requireUpstream, mirror, from } = input;
  const { cacheRoot, emit, signal, environment } = context;
  return { lock, cacheRoot, offline, requireUpstream, mirror, from, env: environment, emit, signal };
}

export function sourceProvider(options: SourceOptions): SourceProvider {
  return {
    choose: (name) => chooseCandidate(name, options).sha256,
    has: (name) => chooseCandidate(name, options).present,
    ensure: (name) => ensureSource(name, options),
  };
}

/** What a store has of some steps, and of all that they take input from. */
export interface FoundResults {
  store: StoreView;
  /** Those whose trees are there. */
  built: Map<string, StepResult>;
  /** Those and others, of which only the digest is known. */
  known: Map<string, StepResult>;
}

/**
 * What the store already has of the wanted steps, by the keys that a build would use now. Nothing is built, fetched or written:
 * the cache folder need not even be there.
 */
export async function findBuilt(
  project: Pick<Project, "lock" | "graph">,
  wanted: readonly string[],
  { cacheRoot, signal }: Pick<Context, "cacheRoot" | "signal">,
  { requireUpstream = false }: { requireUpstream?: boolean } = {},
): Promise<FoundResults> {
  const { lock, graph } = project;
  const store = lookAtStore(cacheRoot);
  const options = { store, toolbox: { digest: await toolboxSetDigest("build") } };
  const sources = sourceProvider({ lock, cacheRoot, requireUpstream });
  const looking = { options, sources, rebuilt: new Set<string>() };
  const { outputs } = await surveySteps(looking, closure(graph, wanted), signal);
  const found = [...outputs].map(([id, { isHere, result }]) => ({ id, isHere, result }));
  const results = (of: typeof found) => new Map(of.map(({ id, result }) => [id, result]));
  return { store, built: results(found.filter(({ isHere }) => isHere)), known: results(found) };
}
