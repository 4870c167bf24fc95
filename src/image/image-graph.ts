import type { Graph } from "../graph/mod.ts";
import { initrdStep, liveInitrdStep, type RootfsPlan, rootStep } from "../rootfs/mod.ts";
import { diskStep, isoStep } from "./disk-step.ts";
import { imagePlan } from "./image-plan.ts";
import { liveUkiStep, ukiStep } from "./uki-step.ts";
import { verityStep } from "./verity-step.ts";

/** The graph of the components with the steps added that make one image and its artifacts, each `<image>:<part>`. */
export function imageGraph(components: Graph, rootfs: RootfsPlan): Graph {
  const plan = imagePlan(rootfs);
  const added = [
    rootStep(plan),
    verityStep(plan),
    initrdStep(plan),
    liveInitrdStep(plan),
    ukiStep(plan),
    liveUkiStep(plan),
    diskStep(plan),
    isoStep(plan),
  ];
  return { ...components, steps: new Map([...components.steps, ...added.map((step) => [step.id, step] as const)]) };
}
