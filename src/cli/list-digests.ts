import { HadronError } from "../base/mod.ts";
import { closure, removeTree } from "../engine/mod.ts";
import { artifactSteps, type DigestList, digestArtifacts } from "../image/mod.ts";
import type { Arch } from "../recipe/mod.ts";
import type { Context } from "./command.ts";
import { prepareSigning, type Signing, type SigningInput, signedGraph, signersOf } from "./module-signing.ts";
import { findBuilt, openProject, type Project } from "./project.ts";
import { type BuildInput, openWorkshop } from "./workshop.ts";

export interface ListedDigests {
  list: DigestList;
  /** The steps in the order in which they are built. */
  order: string[];
}

/**
 * Digests of all artifacts of images, and of all steps that these come from. What the store lacks is built.
 * @param names Of images; all where there is none
 * @throws HadronError What `prepareSigning` throws, before anything is built
 */
export async function listDigests(
  names: readonly string[],
  input: BuildInput & SigningInput & { arch: Arch },
  context: Context,
): Promise<ListedDigests> {
  const project = await openProject(input.arch, context, { images: names.length === 0 ? "all" : names });
  const wanted = project.images.flatMap(artifactSteps);
  const signing = await signingOf(project, wanted, input);
  await using workshop = await openWorkshop(project, input, context);
  await using signed = await signedGraph(project.graph, signing, workshop.options);
  const { graph } = signed;
  const built = await workshop.build(graph, wanted);
  const folder = await workshop.options.store.makeWorkFolder("digests");
  const artifacts = new Map<string, string>();
  try {
    for (const image of project.images) {
      const outputOf = (step: string): string | undefined => built.get(step)?.path;
      const found = await digestArtifacts(image, { outputOf, folder, signal: context.signal });
      for (const [name, { sha256 }] of found) artifacts.set(name, sha256);
    }
  } finally {
    await removeTree(folder);
  }
  const order = [...closure(graph, wanted).keys()];
  const { known } = await findBuilt({ ...project, graph }, wanted, context, input);
  const steps = order.map((id): [string, string] => {
    const result = known.get(id);
    if (!result) throw new Error(`Step "${id}" was built, and nothing is known of it`);
    return [id, result.output];
  });
  const images = new Map(project.images.map(({ name, version }) => [name, version]));
  return { list: { arch: input.arch, images, artifacts, steps: new Map(steps) }, order };
}

/** As `prepareSigning`; whoever has no key learns which of the images take none. */
async function signingOf(
  project: Project,
  wanted: readonly string[],
  input: SigningInput,
): Promise<Signing | undefined> {
  try {
    return await prepareSigning(project, wanted, input);
  } catch (error) {
    if (!(error instanceof HadronError && error.code === "MODULES_UNSIGNED")) throw error;
    const others = project.images.filter((image) => signersOf(artifactSteps(image), project).length === 0);
    if (others.length === 0) throw error;
    const { message, kind, code } = error;
    const names = others.map(({ name }) => name).join(" ");
    throw new HadronError(message, { kind, code, hint: `${error.hint}. Or name the images that take none: ${names}` });
  }
}
