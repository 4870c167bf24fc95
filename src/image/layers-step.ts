import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Step, sourceDateEpoch } from "../graph/mod.ts";
import type { ImageFacts } from "../oci/mod.ts";
import type { Target } from "../recipe/mod.ts";
import { bashArray, type Image, ownerPlace, ownersOf, singleQuoted } from "../rootfs/mod.ts";
import type { ImagePlan } from "./image-plan.ts";
import { developmentLayerTable, layerFile, layerOf, layerTable } from "./layer-table.ts";

/** The file of the step's output that says what the layers beside it are of. */
export const factsFile = "image.json";

/**
 * `<image>:layers`: the root tree as the layers of a container image, each as tar and compressed by our own zlib, and the facts
 * that the image's configuration is made of. Whose file is whose is seen from the components' outputs.
 */
export function layersStep(plan: ImagePlan<Image>): Step {
  const { image, target } = plan;
  const table = image.development ? developmentLayerTable : layerTable;
  const owners = ownersOf(plan).map((owner) => ({
    name: owner.name,
    layer: owner === image.kernel ? "kernel" : layerOf(owner.name, table),
    tree: ownerPlace(owner),
  }));
  const facts = `${JSON.stringify(imageFacts(image, target), undefined, 2)}\n`;
  return plan.step({
    part: "layers",
    tools: ["zlib"],
    trees: {
      root: `${image.name}:root`,
      ...Object.fromEntries(owners.map(({ name, tree }) => [tree, name])),
    },
    script: [
      layersScript(owners, { needs: "/needs", work: "/build", out: "/out", compress: compressor(image) }, table),
      `cat > /out/${factsFile} <<'END'\n${facts}END\n`,
    ].join(""),
  });
}

/** An image for development is large and stays where it is built: for 1 % fewer bytes it would take half a minute longer. */
function compressor({ development }: Image): string {
  return `/sysroot/usr/libexec/hadron/minigzip ${development ? "-6" : "-9"}`;
}

interface Places {
  needs: string;
  work: string;
  out: string;
  /** A command that compresses its standard input as gzip. */
  compress: string;
}

/** The script that cuts the tree, for a shell with `SOURCE_DATE_EPOCH` in its environment. */
export function layersScript(
  owners: readonly { name: string; layer: string }[],
  places: Places,
  table = layerTable,
): string {
  return [
    ...Object.entries(places).map(([name, value]) => `${name}=${singleQuoted(value)}\n`),
    bashArray(
      "layers",
      table.map(({ layer }) => layerFile(layer, table)),
    ),
    bashArray(
      "owners",
      owners.map(({ name, layer }) => `${layerFile(layer, table)} ${name}`),
    ),
    readFileSync(join(import.meta.dirname, "build-layers.sh"), "utf8"),
  ].join("");
}

function imageFacts({ name, version, summary }: Image, { arch }: Target): ImageFacts {
  return {
    name: `hadron/${name}`,
    version,
    title: `Hadron ${name}`,
    summary,
    architecture: ociArchitecture[arch],
    created: sourceDateEpoch,
  };
}

/** Go's names, which image configurations use. */
export const ociArchitecture = { x86_64: "amd64", aarch64: "arm64" } as const;
