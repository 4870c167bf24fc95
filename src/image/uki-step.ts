import type { Step, StepInput } from "../graph/mod.ts";
import { verityCommandLine } from "../rootfs/mod.ts";
import { importedMount } from "./from-oci.ts";
import type { ImagePlan } from "./image-plan.ts";

/** Kernel, initrd and command line in one PE file (UAPI.5). The command line carries the root hash, so it vouches for the root. With `imported`, that is another root. */
export function ukiStep(plan: ImagePlan, imported?: StepInput): Step {
  return plan.step({
    part: "uki",
    tools: ["systemd"],
    inputs: imported ? [imported] : [],
    trees: {
      ...(imported ? {} : { root: `${plan.image.name}:root` }),
      verity: `${plan.image.name}:verity`,
      initrd: `${plan.image.name}:initrd`,
      kernel: plan.image.kernel.name,
    },
    script: ukify(plan, {
      osRelease: imported ? `${importedMount}/os-release` : rootRelease,
      commandLine: [
        ...plan.image.commandLine,
        ...verityCommandLine({
          root: "$(cat /needs/verity/roothash)",
          dataUuid: "$(cat /needs/verity/root.uuid)",
          hashUuid: "$(cat /needs/verity/verity.uuid)",
        }),
      ],
    }),
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
    script: ukify(plan, { osRelease: rootRelease, commandLine: plan.image.liveCommandLine }),
  });
}

const rootRelease = "/needs/root/usr/lib/os-release";

interface UkiParts {
  osRelease: string;
  commandLine: readonly string[];
}

function ukify(plan: ImagePlan, { osRelease, commandLine }: UkiParts): string {
  return `release=$(ls /needs/kernel/usr/lib/modules)
python3 /sysroot/usr/bin/ukify build --linux=/needs/kernel/usr/lib/modules/$release/vmlinuz --initrd=/needs/initrd/initrd.cpio.zst \\
  --cmdline="${commandLine.join(" ")}" --os-release=@${osRelease} --uname=$release \\
  --efi-arch=$EFI_ARCH --stub=/sysroot/usr/lib/systemd/boot/efi/linux$EFI_ARCH.efi.stub --output=/out/${plan.image.name}.efi
chmod 644 /out/${plan.image.name}.efi
`;
}
