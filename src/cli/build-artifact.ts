import { join } from "node:path";
import { buildSteps } from "../engine/mod.ts";
import { type ArtifactKind, artifacts } from "../image/mod.ts";
import type { Arch } from "../recipe/mod.ts";
import type { Image } from "../rootfs/mod.ts";
import type { Context } from "./command.ts";
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
}

/**
 * Builds what an image's artifact takes, as far as the store doesn't have it.
 * @param options.again Makes the image's own steps anew although the store has them
 */
export async function buildArtifact(
  name: string,
  kind: ArtifactKind,
  options: { input: BuildInput & { arch: Arch }; again?: boolean; context: Context },
): Promise<BuiltArtifact> {
  const { input, context, again = false } = options;
  const project = await openProject(input.arch, context, { images: [name] });
  const { part, file } = artifacts[kind];
  const id = `${name}:${part}`;
  await using workshop = await openWorkshop(project, input, context);
  const built = await buildSteps(project.graph, [id], {
    ...workshop.options,
    ...(again ? { rebuild: (step) => step.id.startsWith(`${name}:`) } : {}),
  });
  const result = built.get(id);
  const [image] = project.images;
  if (!result || !image) throw new Error(`Step "${id}" was not built`);
  return {
    project,
    image,
    kind,
    folder: result.path,
    path: join(result.path, file(image)),
    key: result.key,
    output: result.output,
  };
}
