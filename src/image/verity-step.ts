import type { Step, StepInput } from "../graph/mod.ts";
import { importedMount } from "./from-oci.ts";
import { hashTree } from "./hash-tree.ts";
import type { ImagePlan } from "./image-plan.ts";

/**
 * The root tree as erofs with its dm-verity hash tree. Compression is lz4hc in 64 KiB clusters: larger than zstd, but an
 * update's delta is a few per cent of it (ADR 0003). The salt comes from the content, so that equal trees have equal hashes.
 * With `imported`, the root is not the image's own but what came from a container image, with its owners.
 * Leaves `root.erofs`, `root.verity`, `roothash` and the two partition UUIDs that follow from it.
 */
export function verityStep(plan: ImagePlan, imported?: StepInput): Step {
  const { name, layout } = plan.image;
  const from = imported ? `--tar=f root.erofs ${importedMount}/root.tar` : "--all-root root.erofs /needs/root";
  return plan.step({
    part: "verity",
    tools: ["erofs-utils", "cryptsetup"],
    trees: imported ? {} : { root: `${name}:root` },
    inputs: imported ? [imported] : [],
    script: `cd /out
mkfs.erofs --quiet -b4096 -zlz4hc,12 -C65536 --workers=2 -T$SOURCE_DATE_EPOCH -U${plan.uuid("root")} -x-1 ${from}
truncate -s %4096 root.erofs
fsck.erofs root.erofs
[ $(stat -c %s root.erofs) -le ${layout.root * 1048576} ] || { echo "The root is larger than a slot of ${layout.root} MiB"; exit 1; }
${hashTree(plan.uuid("verity"))}`,
  });
}
