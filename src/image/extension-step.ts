import type { Step, StepInput } from "../graph/mod.ts";
import type { Image } from "../rootfs/mod.ts";
import { partition } from "./disk-step.ts";
import { type ExtensionKind, extensionMount } from "./extension.ts";
import { hashTree } from "./hash-tree.ts";
import type { ImagePlan } from "./image-plan.ts";

/** What the step leaves. */
export const extensionFile = "extension.raw";

/** What goes into an extension. */
export interface ExtensionSource {
  kind: ExtensionKind;
  name: string;
  /** What `importExtension` gave. */
  input: StepInput;
}

/**
 * `<image>:sysext` and `<image>:confext`: a discoverable disk image of two partitions, erofs and its dm-verity hash tree, whose UUIDs are the root
 * hash (UAPI group, discoverable partitions specification): so systemd finds the hash without being told it. There is no signature. The image
 * lends its tools only.
 */
export function extensionStep(plan: ImagePlan<Image>, { kind, name, input }: ExtensionSource): Step {
  const uuid = (purpose: string) => plan.uuid(`${kind} ${name} ${purpose}`);
  const arch = { x86_64: "x86-64", aarch64: "arm64" }[plan.target.arch];
  const filled = (type: string, part: string, file: string, label: string) =>
    partition(`${type}-${part}`, {
      Type: type,
      Label: label,
      UUID: `$(cat ${part}.uuid)`,
      CopyBlocks: `/build/${file}`,
      SizeMinBytes: `$(stat -c %s ${file})`,
      SizeMaxBytes: `$(stat -c %s ${file})`,
      ReadOnly: "yes",
    });
  return plan.step({
    part: kind,
    tools: ["erofs-utils", "cryptsetup", "systemd"],
    trees: {},
    inputs: [input],
    // A device of one block would have a hash tree of none.
    script: `cd /build
mkfs.erofs --quiet -b4096 -zlz4hc,12 -C65536 --workers=2 -T$SOURCE_DATE_EPOCH -U${uuid("root")} -x-1 --tar=f root.erofs ${extensionMount}/root.tar
truncate -s '>8192' root.erofs
truncate -s %4096 root.erofs
fsck.erofs root.erofs
${hashTree(uuid("verity"))}
truncate -s %4096 root.verity
${filled(`root-${arch}`, "root", "root.erofs", name)}
${filled(`root-${arch}-verity`, "verity", "root.verity", `${name}-verity`)}
systemd-repart --definitions=/build/repart.d --empty=create --dry-run=no --offline=yes --discard=no --sector-size=512 \\
  --seed=${uuid("disk")} --size=auto /build/${extensionFile}
mv ${extensionFile} /out/
`,
  });
}
