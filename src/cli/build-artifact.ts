import { rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { openStore } from "../engine/mod.ts";
import type { Graph } from "../graph/mod.ts";
import {
  type ArtifactKind,
  artifacts,
  assertArtifact,
  type ImageGraphOptions,
  imageGraph,
  importExtension,
  importRoot,
  isExtension,
  type Supplied,
} from "../image/mod.ts";
import { type Arch, targets } from "../recipe/mod.ts";
import { type Image, isBootable } from "../rootfs/mod.ts";
import type { Context } from "./command.ts";
import { prepareSigning, type SigningInput, signedGraph } from "./module-signing.ts";
import { openProject, type Project } from "./project.ts";
import { type BuildInput, openWorkshop } from "./workshop.ts";

export interface BuiltArtifact {
  project: Project;
  image: Image;
  kind: ArtifactKind;
  /** The output folder of the step that made it, and the artifact's file in it; read-only by agreement. */
  folder: string;
  path: string;
  /** Key of the step that made it. */
  key: string;
  /** Digest of that step's output tree. */
  output: string;
  /** The graph that it was built by, and the step of it that made it. */
  graph: Graph;
  step: string;
  /** What an extension is called; undefined of all else. */
  extensionName?: string;
  /** The output tree of the image's own root, where that was asked for; an extension has nothing of it. */
  root?: string;
  /** What the artifact was made of in its place, where it was. */
  supplied?: Supplied;
}

/**
 * Builds what an image's artifact takes, as far as the store doesn't have it.
 * @param options.again Makes the image's own steps anew although the store has them
 * @param options.rootFrom A container image whose root tree takes the place of the image's own, or the files of an extension
 * @param options.extensionName What an extension is called
 * @param options.withRoot Whether the root tree is wanted as well
 */
export async function buildArtifact(
  name: string,
  kind: ArtifactKind,
  options: {
    input: BuildInput & SigningInput & { arch: Arch };
    again?: boolean;
    rootFrom?: string | undefined;
    extensionName?: string;
    withRoot?: boolean;
    context: Context;
  },
): Promise<BuiltArtifact> {
  const { input, context, again = false, rootFrom, extensionName = "", withRoot = false } = options;
  const project = await openProject(input.arch, context, { images: [name] });
  const [image] = project.images;
  if (!image) throw new Error(`Image "${name}" was not loaded`);
  assertArtifact(image, kind, { isImported: rootFrom !== undefined });
  const { part, file } = artifacts[kind];
  const id = `${name}:${part}`;
  await using root = await importedRoot({ project, image, kind, rootFrom, extensionName, arch: input.arch, context });
  const rootId = withRoot && !isExtension(kind) ? `${name}:root` : undefined;
  const wanted = [id, ...(rootId === undefined ? [] : [rootId])];
  const signing = await prepareSigning({ ...project, graph: root.graph }, wanted, input);
  await using workshop = await openWorkshop(project, input, context);
  await using signed = await signedGraph(root.graph, signing, workshop.options);
  const built = await workshop.build(
    signed.graph,
    wanted,
    again ? { rebuild: (step) => step.id.startsWith(`${name}:`) } : {},
  );
  const result = built.get(id);
  if (!result) throw new Error(`Step "${id}" was not built`);
  return {
    project,
    image,
    kind,
    folder: result.path,
    path: join(result.path, file(image)),
    key: result.key,
    output: result.output,
    graph: signed.graph,
    step: id,
    ...(isExtension(kind) ? { extensionName } : {}),
    ...(rootId === undefined ? {} : { root: built.get(rootId)?.path ?? "" }),
    ...(root.supplied && { supplied: root.supplied }),
  };
}

/** The graph with the root of a container image in it, or an extension, where that is to be used. Its bytes go away with it. */
async function importedRoot(
  options: Given & { project: Project; rootFrom: string | undefined },
): Promise<AsyncDisposable & { graph: Graph; supplied?: Supplied }> {
  const { project, image, rootFrom, arch, context } = options;
  if (rootFrom === undefined) return { graph: project.graph, [Symbol.asyncDispose]: async () => {} };
  const target = targets[arch];
  const folder = await (await openStore(context.cacheRoot)).makeWorkFolder("from");
  const dispose = () => rm(folder, { recursive: true, force: true });
  try {
    const { supplied, ...added } = await importGiven(rootFrom, folder, options);
    const at = `${relative(context.root, image.position.file)}:${image.position.line}`;
    const { recipes, lock } = project;
    const sources = new Map(Object.entries(lock.sources));
    const graph = imageGraph(project.graph, { image, target, recipes, sources, at }, added);
    return { graph, supplied, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

interface Given {
  image: Image;
  kind: ArtifactKind;
  extensionName: string;
  arch: Arch;
  context: Context;
}

async function importGiven(
  from: string,
  into: string,
  { image, kind, extensionName: name, arch, context }: Given,
): Promise<ImageGraphOptions & { supplied: Supplied }> {
  const target = targets[arch];
  if (isExtension(kind)) {
    const { input, supplied } = await importExtension(from, { kind, name, target, into });
    return { supplied, extension: { kind, name, input } };
  }
  if (!isBootable(image)) throw new Error(`"${image.name}" has no disk that "${from}" could be the root of`);
  const { input, supplied } = await importRoot(from, { image, target, into, emit: context.emit });
  return { supplied, imported: input };
}
