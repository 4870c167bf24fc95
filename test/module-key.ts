import { existsSync } from "node:fs";
import { prepareSigning, signedGraph, signersOf } from "../src/cli/module-signing.ts";
import type { Project } from "../src/cli/project.ts";
import type { BuildOptions } from "../src/engine/mod.ts";
import { writeNewModuleKey } from "../src/image/mod.ts";

/** A key of the tests for kernel modules. It is made once and kept, so that a second run finds the signed kernel in the store. */
export interface TestModuleKey {
  path: string;
  /** Says in every kernel that has it what it is. */
  subject: string;
}

export async function keepModuleKey({ path, subject }: TestModuleKey): Promise<void> {
  if (!existsSync(path)) await writeNewModuleKey(path, subject);
}

/** The graph, with the signatures of kernel modules where the steps take some. They go away with it. */
export async function signedByTestKey(
  project: Pick<Project, "recipes" | "graph">,
  steps: readonly string[],
  key: TestModuleKey,
  options: BuildOptions,
): ReturnType<typeof signedGraph> {
  if (signersOf(steps, project).length === 0) return signedGraph(project.graph, undefined, options);
  await keepModuleKey(key);
  const input = { moduleKey: key.path, moduleSignatures: undefined, saveSignatures: undefined };
  return signedGraph(project.graph, await prepareSigning(project, steps, input), options);
}
