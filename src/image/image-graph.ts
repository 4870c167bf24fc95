import type { Graph, Step, StepInput } from "../graph/mod.ts";
import { type Image, initrdStep, isBootable, liveInitrdStep, type RootfsPlan, rootStep } from "../rootfs/mod.ts";
import { diskStep, isoStep } from "./disk-step.ts";
import { type ExtensionSource, extensionStep } from "./extension-step.ts";
import { type ImagePlan, imagePlan } from "./image-plan.ts";
import { layersStep } from "./layers-step.ts";
import type { PcrPolicy } from "./pcr-policy.ts";
import { liveUkiStep, signedUkiStep, ukiStep, unsignedUkiStep } from "./uki-step.ts";
import { verityStep } from "./verity-step.ts";

export interface ImageGraphOptions {
  /** The root of the disk where it is not the image's own: what `importRoot` gave. */
  imported?: StepInput;
  /** An extension to make, by a step of its own. */
  extension?: ExtensionSource;
  /** Of an image with `varEncryption`: a disk of it, and its UKI, there are with signatures only. */
  pcrPolicy?: PcrPolicy;
}

/**
 * The graph of the components with the steps added that make one image and its artifacts, each `<image>:<part>`. An image without a kernel
 * has those of containers only.
 */
export function imageGraph(components: Graph, rootfs: RootfsPlan, options: ImageGraphOptions = {}): Graph {
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
          ...ukiSteps(plan, options),
          liveUkiStep(plan),
          isoStep(plan),
        ]
      : []),
  ];
  return { ...components, steps: new Map([...components.steps, ...added.map((step) => [step.id, step] as const)]) };
}

/** The UKI of a disk, and the disk. */
function ukiSteps(plan: ImagePlan, { imported, pcrPolicy }: ImageGraphOptions): Step[] {
  if (plan.image.varEncryption === undefined) return [ukiStep(plan, imported), diskStep(plan)];
  if (pcrPolicy === undefined) return [];
  const { publicKey, signatures } = pcrPolicy;
  const signed = signatures === undefined ? [] : [signedUkiStep(plan, signatures), diskStep(plan)];
  return [unsignedUkiStep(plan, publicKey, imported), ...signed];
}

function canBoot(plan: ImagePlan<Image>): plan is ImagePlan {
  return isBootable(plan.image);
}
