import { join } from "node:path";
import type { BuiltStep } from "../../src/engine/mod.ts";
import { type DigestedArtifact, digestArtifacts } from "../../src/image/mod.ts";
import type { Image } from "../../src/rootfs/mod.ts";

/** The artifacts of all images whose steps were built, by name, written to a folder where they are no file of a step. */
export async function artifactsOf(
  images: readonly Image[],
  built: ReadonlyMap<string, BuiltStep>,
  folder: string,
): Promise<Map<string, DigestedArtifact>> {
  const outputOf = (step: string): string | undefined => built.get(step)?.path;
  const found: [string, DigestedArtifact][] = [];
  for (const image of images)
    found.push(...(await digestArtifacts(image, { outputOf, folder: join(folder, image.name) })));
  return new Map(found);
}
