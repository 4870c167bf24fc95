import type { Step } from "../graph/mod.ts";
import type { ImagePlan } from "./image-plan.ts";

/** Kernel, initrd and command line in one PE file (UAPI.5). The command line carries the root hash, so it vouches for the root. */
export function ukiStep(plan: ImagePlan): Step {
  return plan.step({
    part: "uki",
    tools: ["systemd"],
    trees: {
      root: `${plan.image.name}:root`,
      verity: `${plan.image.name}:verity`,
      initrd: `${plan.image.name}:initrd`,
      kernel: plan.image.kernel.name,
    },
    script: ukify(plan, "/needs/initrd/initrd.cpio.zst", [
      ...plan.image.commandLine,
      "roothash=$(cat /needs/verity/roothash)",
    ]),
  });
}

/** The same with the whole OS as initrd (a USI): it runs from RAM and needs no disk. */
export function liveUkiStep(plan: ImagePlan): Step {
  return plan.step({
    part: "live-uki",
    tools: ["systemd"],
    trees: {
      root: `${plan.image.name}:root`,
      initrd: `${plan.image.name}:live-initrd`,
      kernel: plan.image.kernel.name,
    },
    script: ukify(plan, "/needs/initrd/initrd.cpio.zst", plan.image.liveCommandLine),
  });
}

function ukify(plan: ImagePlan, initrd: string, commandLine: readonly string[]): string {
  return `release=$(ls /needs/kernel/usr/lib/modules)
python3 /sysroot/usr/bin/ukify build --linux=/needs/kernel/usr/lib/modules/$release/vmlinuz --initrd=${initrd} \\
  --cmdline="${commandLine.join(" ")}" --os-release=@/needs/root/usr/lib/os-release --uname=$release \\
  --efi-arch=$EFI_ARCH --stub=/sysroot/usr/lib/systemd/boot/efi/linux$EFI_ARCH.efi.stub --output=/out/${plan.image.name}.efi
chmod 644 /out/${plan.image.name}.efi
`;
}
