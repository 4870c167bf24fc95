import type { Graph, StepInput } from "../graph/mod.ts";
import { type Image, initrdStep, isBootable, liveInitrdStep, type RootfsPlan, rootStep } from "../rootfs/mod.ts";
import { diskStep, isoStep } from "./disk-step.ts";
import { type ExtensionSource, extensionStep } from "./extension-step.ts";
import { type ImagePlan, imagePlan } from "./image-plan.ts";
import { layersStep } from "./layers-step.ts";
import { liveUkiStep, ukiStep } from "./uki-step.ts";
import { verityStep } from "./verity-step.ts";

/**
 * The graph of the components with the steps added that make one image and its artifacts, each `<image>:<part>`. An image without a kernel
 * has those of containers only.
 * @param options.imported The root of the disk where it is not the image's own: what `importRoot` gave
 * @param options.extension An extension to make, by a step of its own
 */
export function imageGraph(
  components: Graph,
  rootfs: RootfsPlan,
  options: { imported?: StepInput; extension?: ExtensionSource } = {},
): Graph {
  const plan = imagePlan(rootfs);
  const added = [
    rootStep(plan),
    layersStep(plan),
    ...(options.extension ? [extensionStep(plan, options.extension)] : []),
    ...(canBoot(plan)
      ? [
          verityStep(plan, options.imported),
          initrdStep(plan),
          liveInitrdStep(plan),
          ukiStep(plan, options.imported),
          liveUkiStep(plan),
          diskStep(plan),
          isoStep(plan),
        ]
      : []),
  ];
  return { ...components, steps: new Map([...components.steps, ...added.map((step) => [step.id, step] as const)]) };
}

function canBoot(plan: ImagePlan<Image>): plan is ImagePlan {
  return isBootable(plan.image);
}
