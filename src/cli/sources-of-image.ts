import { closure } from "../engine/mod.ts";
import type { Context } from "./command.ts";
import { openProject } from "./project.ts";

/** The sources that any step takes that an image's artifacts are made by, the toolchain's among them. Sorted. */
export async function sourcesOfImage(image: string, context: Context): Promise<string[]> {
  const { graph } = await openProject("x86_64", context, { images: [image] });
  const own = [...graph.steps.keys()].filter((id) => id.startsWith(`${image}:`));
  const inputs = [...closure(graph, own).values()].flatMap((step) => step.inputs);
  const sources = inputs.flatMap((input) => (input.kind === "source" ? [input.source] : []));
  return [...new Set(sources)].sort();
}
