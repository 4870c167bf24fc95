import { closure, removeTree } from "../engine/mod.ts";
import { artifactSteps, type DigestList, digestArtifacts } from "../image/mod.ts";
import type { Arch } from "../recipe/mod.ts";
import type { Context } from "./command.ts";
import { findBuilt, openProject } from "./project.ts";
import { type BuildInput, openWorkshop } from "./workshop.ts";

export interface ListedDigests {
  list: DigestList;
  /** The steps in the order in which they are built. */
  order: string[];
}

/**
 * Digests of all artifacts of images, and of all steps that these come from. What the store lacks is built.
 * @param names Of images; all where there is none
 */
export async function listDigests(
  names: readonly string[],
  input: BuildInput & { arch: Arch },
  context: Context,
): Promise<ListedDigests> {
  const project = await openProject(input.arch, context, { images: names.length === 0 ? "all" : names });
  const wanted = project.images.flatMap(artifactSteps);
  await using workshop = await openWorkshop(project, input, context);
  const built = await workshop.build(project.graph, wanted);
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
  const order = [...closure(project.graph, wanted).keys()];
  const { known } = await findBuilt(project, wanted, context, input);
  const steps = order.map((id): [string, string] => {
    const result = known.get(id);
    if (!result) throw new Error(`Step "${id}" was built, and nothing is known of it`);
    return [id, result.output];
  });
  const images = new Map(project.images.map(({ name, version }) => [name, version]));
  return { list: { arch: input.arch, images, artifacts, steps: new Map(steps) }, order };
}
