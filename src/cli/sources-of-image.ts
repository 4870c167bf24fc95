import { closure } from "../engine/mod.ts";
import type { Arch } from "../recipe/mod.ts";
import type { Context } from "./command.ts";
import { openProject } from "./project.ts";

/** The sources that any step takes that an image's artifacts are made by, the toolchain's among them. Sorted. */
export async function sourcesOfImage(
  image: string,
  { arch, context }: { arch: Arch; context: Context },
): Promise<string[]> {
  const { graph } = await openProject(arch, context, { images: [image] });
  const own = [...graph.steps.keys()].filter((id) => id.startsWith(`${image}:`));
  const inputs = [...closure(graph, own).values()].flatMap((step) => step.inputs);
  const sources = inputs.flatMap((input) => (input.kind === "source" ? [input.source] : []));
  return [...new Set(sources)].sort();
}
