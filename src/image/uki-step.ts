import type { Step, StepInput } from "../graph/mod.ts";
import { verityCommandLine } from "../rootfs/mod.ts";
import { importedMount } from "./from-oci.ts";
import type { ImagePlan } from "./image-plan.ts";
import { policiesFile, publicKeyFile, signaturesFile } from "./pcr-policy.ts";

/** Kernel, initrd and command line in one PE file (UAPI.5). The command line carries the root hash, so it vouches for the root. With `imported`, that is another root. */
export function ukiStep(plan: ImagePlan, imported?: StepInput): Step {
  return plan.step({
    part: "uki",
    tools: ["systemd"],
    inputs: imported ? [imported] : [],
    trees: diskTrees(plan, imported),
    script: ukify(plan, diskParts(plan, imported)),
  });
}

/**
 * The same with the public key in it and with room for signatures, and beside it the policies to be signed (systemd-measure(1)): one for each
 * phase of the boot, and one for the initrd alone. Only SHA-256: systemd-repart notes no bank, and what opens the disk later then looks at no
 * other that is fit for use.
 */
export function unsignedUkiStep(plan: ImagePlan, publicKey: StepInput, imported?: StepInput): Step {
  const policy = `--pcr-public-key=${publicKeyFile} --pcr-banks=sha256 --policy-digest --sign-initrd-pcrs --tools=/sysroot/usr/lib/systemd`;
  return plan.step({
    part: "unsigned-uki",
    tools: ["systemd"],
    inputs: [publicKey, ...(imported ? [imported] : [])],
    trees: diskTrees(plan, imported),
    script: ukify(plan, { ...diskParts(plan, imported), more: ` ${policy} > /out/${policiesFile}` }),
  });
}

/** That UKI with the signatures put in; the policies have to be its own, all of them. */
export function signedUkiStep(plan: ImagePlan, signatures: StepInput): Step {
  const { name } = plan.image;
  return plan.step({
    part: "uki",
    tools: ["systemd"],
    inputs: [signatures],
    trees: { unsigned: `${name}:unsigned-uki` },
    script: `ukify() { python3 /sysroot/usr/bin/ukify "$@"; }
ukify build --join-pcrsig=/needs/unsigned/${name}.efi --pcrsig=@${signaturesFile} --efi-arch=$EFI_ARCH --output=/out/${name}.efi
chmod 644 /out/${name}.efi
ukify inspect /out/${name}.efi --section=.pcrsig:text@/build/pcrsig.json > /dev/null
jq -e '[.[][] | has("sig")] | length > 0 and all' /build/pcrsig.json > /dev/null || { echo 'A policy of this UKI is not signed'; exit 1; }
`,
  });
}

function diskTrees(plan: ImagePlan, imported: StepInput | undefined): Record<string, string> {
  return {
    ...(imported ? {} : { root: `${plan.image.name}:root` }),
    verity: `${plan.image.name}:verity`,
    initrd: `${plan.image.name}:initrd`,
    kernel: plan.image.kernel.name,
  };
}

function diskParts(plan: ImagePlan, imported: StepInput | undefined): UkiParts {
  return {
    osRelease: imported ? `${importedMount}/os-release` : rootRelease,
    commandLine: [
      ...plan.image.commandLine,
      ...verityCommandLine({
        root: "$(cat /needs/verity/roothash)",
        dataUuid: "$(cat /needs/verity/root.uuid)",
        hashUuid: "$(cat /needs/verity/verity.uuid)",
      }),
    ],
  };
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
  /** More options of ukify, and where its output goes. */
  more?: string;
}

function ukify(plan: ImagePlan, { osRelease, commandLine, more = "" }: UkiParts): string {
  return `release=$(ls /needs/kernel/usr/lib/modules)
python3 /sysroot/usr/bin/ukify build --linux=/needs/kernel/usr/lib/modules/$release/vmlinuz --initrd=/needs/initrd/initrd.cpio.zst \\
  --cmdline="${commandLine.join(" ")}" --os-release=@${osRelease} --uname=$release \\
  --efi-arch=$EFI_ARCH --stub=/sysroot/usr/lib/systemd/boot/efi/linux$EFI_ARCH.efi.stub --output=/out/${plan.image.name}.efi${more}
chmod 644 /out/${plan.image.name}.efi
`;
}
