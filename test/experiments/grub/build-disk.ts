import { join, relative } from "node:path";
import cloud from "../../../images/cloud.ts";
import { projectRoot } from "../../../src/base/mod.ts";
import { openProject } from "../../../src/cli/project.ts";
import { openWorkshop } from "../../../src/cli/workshop.ts";
import { buildSteps } from "../../../src/engine/mod.ts";
import { imagePlan } from "../../../src/image/image-plan.ts";
import { imageGraph } from "../../../src/image/mod.ts";
import { targets } from "../../../src/recipe/mod.ts";
import { openRenderer } from "../../../src/report/mod.ts";
import { plainInput, scriptedContext } from "../../scripted-context.ts";
import { grubDiskStep } from "./disk-step.ts";
import { update } from "./update.ts";

export interface GrubDisk {
  /** The disk as it is before any boot; only to be read. */
  path: string;
  /** Of the roots in the two slots. */
  verity: { a: string; b: string };
}

/** Builds the disk, as far as the store doesn't have it, in the same way as `hadron image`. `HADRON_CACHE_FROM` names caches. */
export async function buildGrubDisk(): Promise<GrubDisk> {
  const { emit } = openRenderer(process.stderr, "plain");
  const context = scriptedContext(emit);
  const project = await openProject("x86_64", context, { images: [cloud.name] });
  const at = `${relative(projectRoot, update.position.file)}:${update.position.line}`;
  const { recipes, lock } = project;
  const sources = new Map(Object.entries(lock.sources));
  const plan = imagePlan({ image: update, target: targets.x86_64, recipes, sources, at });
  const graph = imageGraph(project.graph, plan);
  const disk = grubDiskStep(plan, cloud);
  const veritySteps = { a: `${cloud.name}:verity`, b: `${update.name}:verity` };
  await using workshop = await openWorkshop(project, plainInput(), context);
  const built = await buildSteps(
    { ...graph, steps: new Map([...graph.steps, [disk.id, disk]]) },
    [disk.id, ...Object.values(veritySteps)],
    workshop.options,
  );
  const output = (id: string): string => {
    const path = built.get(id)?.path;
    if (path === undefined) throw new Error(`Step "${id}" was not built`);
    return path;
  };
  return {
    path: join(output(disk.id), "disk.raw"),
    verity: { a: output(veritySteps.a), b: output(veritySteps.b) },
  };
}
