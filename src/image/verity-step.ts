import type { Step } from "../graph/mod.ts";
import type { ImagePlan } from "./image-plan.ts";

/**
 * The root tree as erofs with its dm-verity hash tree. Compression is lz4hc in 64 KiB clusters: larger than zstd, but an
 * update's delta is a few per cent of it (ADR 0003). The salt comes from the content, so that equal trees have equal hashes.
 * Leaves `root.erofs`, `root.verity`, `roothash` and the two partition UUIDs that follow from it.
 */
export function verityStep(plan: ImagePlan): Step {
  return plan.step({
    part: "verity",
    tools: ["erofs-utils", "cryptsetup"],
    trees: { root: `${plan.image.name}:root` },
    script: `cd /out
mkfs.erofs --quiet -b4096 -zlz4hc,12 -C65536 --workers=2 --all-root -T$SOURCE_DATE_EPOCH -U${plan.uuid("root")} -x-1 root.erofs /needs/root
truncate -s %4096 root.erofs
fsck.erofs root.erofs
salt=$(sha256sum root.erofs | cut -d ' ' -f 1)
veritysetup format --uuid=${plan.uuid("verity")} --salt=$salt --root-hash-file=roothash root.erofs root.verity
veritysetup verify root.erofs root.verity $(cat roothash)
# Discoverable Partitions Specification: the first and last 128 bits of the root hash name the two partitions.
uuid() { echo "$1" | sed -E 's/^(.{8})(.{4})(.{4})(.{4})(.{12})$/\\1-\\2-\\3-\\4-\\5/'; }
uuid $(cut -c 1-32 roothash) > root.uuid
uuid $(cut -c 33-64 roothash) > verity.uuid
`,
  });
}
