import { baseEnvironment, crossEnvironment, libsOf, type Step, type StepInput } from "../graph/mod.ts";
import type { Recipe } from "../recipe/mod.ts";
import type { BootableImage, Image, RootfsPlan } from "../rootfs/mod.ts";
import { uuidFrom } from "./uuid.ts";

/** What the steps of one image share. */
export interface ImagePlan<Of extends Image = BootableImage> extends RootfsPlan<Of> {
  /** Makes a step `<image>:<part>`. */
  step(fields: PartFields): Step;
  /** A UUID (version 8, RFC 9562) that follows from the image's name and the purpose: the same in every build. */
  uuid(purpose: string): string;
}

interface PartFields {
  part: string;
  /** Components whose programs the script runs; with their libraries they are merged at /sysroot and on the PATH. */
  tools: readonly string[];
  /** Trees mounted at `/needs/<name>`: name → step. */
  trees: Readonly<Record<string, string>>;
  /** What else the script reads. */
  inputs?: readonly StepInput[];
  script: string;
}

export function imagePlan<Of extends Image>(rootfs: RootfsPlan<Of>): ImagePlan<Of> {
  const { image, target, recipes, at } = rootfs;
  const environment = baseEnvironment(target);
  return {
    ...rootfs,
    uuid: (purpose) => uuidFrom(`hadron ${image.name} ${purpose}`),
    step: ({ part, tools, trees, inputs = [], script }) => ({
      id: `${image.name}:${part}`,
      at,
      script,
      env: {
        ...environment,
        READELF: crossEnvironment(target).READELF ?? "",
        LD_LIBRARY_PATH: "/sysroot/usr/lib/systemd",
        PATH: `/sysroot/usr/bin:${environment.PATH}`,
      },
      inputs: [
        ...toolInputs(tools, recipes),
        ...Object.entries(trees).map(([name, step]): StepInput => ({ kind: "step", step, mount: `/needs/${name}` })),
        ...inputs,
      ],
    }),
  };
}

function toolInputs(tools: readonly string[], recipes: ReadonlyMap<string, Recipe>): StepInput[] {
  const names = new Set<string>();
  for (const tool of tools) {
    const recipe = recipes.get(tool);
    if (!recipe) throw new Error(`No recipe is called "${tool}"`);
    for (const need of [recipe, ...libsOf(recipe, recipes)]) names.add(need.name);
  }
  return [...names].sort().map((step) => ({ kind: "step", step, mount: "/sysroot" }));
}
