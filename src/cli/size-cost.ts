import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { formatBytes } from "../report/mod.ts";
import { type Image, lostWith, sizedParts, usrSizes } from "../rootfs/mod.ts";
import type { Context } from "./command.ts";
import { findBuilt, type Project } from "./project.ts";

/** What a component or a file costs one image. */
export interface Cost {
  image: string;
  /** Uncompressed; of a component what it has in `/usr`. */
  bytes: number;
  /**
   * Of a component: what the image would lose with it, and how many bytes that is. Those that need it go too, and the
   * libraries that nothing else needs then.
   */
  without?: { components: string[]; bytes: number };
}

/**
 * The cost in every image whose root tree is built, of those that hold the subject at all. Nothing is built for it.
 * @param subject A component, or the path of a file, absolute and with merged folders
 */
export async function costsOf(subject: string, project: Project, context: Context): Promise<Cost[]> {
  const names = project.images.map(({ name }) => `${name}:root`);
  const wanted = project.images.flatMap((image) => sizedParts({ image, recipes: project.recipes }));
  const { store, built } = await findBuilt(project, [...names, ...wanted], context);
  const treeOf = (step: string): string | undefined => {
    const result = built.get(step);
    return result && store.objectPath(result.output);
  };
  const costs: Cost[] = [];
  for (const image of project.images) {
    const isFile = subject.startsWith("/");
    const parts = sizedParts({ image, recipes: project.recipes });
    if (!isFile && !parts.includes(subject)) continue;
    const root = treeOf(`${image.name}:root`);
    const trees = Object.fromEntries(parts.map((part) => [part, treeOf(part) ?? ""]));
    // Without all of them a file may seem to be another's.
    if (root === undefined || (!isFile && Object.values(trees).includes(""))) {
      context.emit({
        type: "note",
        message: `How many bytes it takes of the image ${image.name} is known once that is built`,
      });
      continue;
    }
    const cost = isFile
      ? await costOfFile(join(root, subject), image)
      : costOfComponent(subject, { image, recipes: project.recipes, root, trees });
    if (cost) costs.push(cost);
  }
  return costs;
}

export function renderCost({ image, bytes, without }: Cost): string {
  const cost = `${formatBytes(bytes)} of the image ${image}\n`;
  if (!without || without.components.length < 2) return cost;
  return `${cost}${formatBytes(without.bytes)} less without ${without.components.join(", ")}\n`;
}

async function costOfFile(path: string, image: Image): Promise<Cost | undefined> {
  const stats = await lstat(path).catch(() => undefined);
  return stats && { image: image.name, bytes: stats.isFile() ? stats.size : 0 };
}

function costOfComponent(
  name: string,
  options: Pick<Project, "recipes"> & { image: Image; root: string; trees: Record<string, string> },
): Cost {
  const { image, recipes, root, trees } = options;
  const sizes = new Map(usrSizes(root, trees).map((size) => [size.name, size.bytes]));
  const components = lostWith(name, { image, recipes });
  const bytes = components.reduce((sum, component) => sum + (sizes.get(component) ?? 0), 0);
  return { image: image.name, bytes: sizes.get(name) ?? 0, without: { components, bytes } };
}
