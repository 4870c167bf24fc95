import type { Project } from "../../src/cli/project.ts";
import { readTree } from "../../src/engine/mod.ts";
import { isBootable } from "../../src/rootfs/mod.ts";
import type { Different, Result } from "../reproducible/compare-builds.ts";

/** Steps whose outputs are shipped as they are: root trees and kernels. */
export function shippedSteps({ images }: Pick<Project, "images">): string[] {
  const kernels = images.flatMap((image) => (isBootable(image) ? [image.kernel.name] : []));
  return [...images.map(({ name }) => `${name}:root`), ...new Set(kernels)];
}

/** What is told of a build with a second toolbox. */
export interface Shipped {
  /** Images of which everything is the same. */
  same: string[];
  /** Files and links of all root trees. */
  files: number;
  /** Those that differ: `cloud:root usr/bin/x`. */
  differing: string[];
  /** Kernels and artifacts that differ. */
  others: string[];
  /** How many kernels and artifacts there are. */
  otherCount: number;
}

export async function summarize(result: Result): Promise<Shipped> {
  const isRoot = ({ name }: { name: string }): boolean => name.endsWith(":root");
  const roots = result.steps.filter(isRoot);
  const trees = await Promise.all(roots.map(({ places }) => readTree(places.first ?? "")));
  const names = (list: readonly Different[]) => list.map(({ name }) => name);
  const different = [...result.different.steps, ...result.different.artifacts];
  const images = roots.map(({ name }) => name.replace(/:root$/, ""));
  return {
    same: images.filter((image) => !different.some(({ name }) => /^[^:.]+/.exec(name)?.[0] === image)),
    files: trees.flat().filter(({ type }) => type !== "directory").length,
    differing: result.different.steps
      .filter(isRoot)
      .flatMap(({ name, differences }) => [...new Set(differences.map(({ where }) => `${name} ${where[0]}`))]),
    others: names([...result.different.steps.filter((one) => !isRoot(one)), ...result.different.artifacts]),
    otherCount: result.steps.length - roots.length + result.artifacts.length,
  };
}
