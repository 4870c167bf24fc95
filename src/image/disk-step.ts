import type { Step } from "../graph/mod.ts";
import { type BootableImage, biosBoot } from "../rootfs/mod.ts";
import type { ImagePlan } from "./image-plan.ts";

/** What the loader reads first. `editor no`: nobody at the console changes the command line. */
const loaderConf = `timeout 0
editor no
`;

/**
 * The disk: GPT with room for GRUB, an ESP (systemd-boot, the UKI with its boot counter in its name) and slot A. Slot B and /var are
 * made by systemd-repart at the first boot, as large as the disk then is.
 */
export function diskStep(plan: ImagePlan): Step {
  const { image } = plan;
  return plan.step({
    part: "disk",
    tools: ["systemd", "dosfstools", "mtools"],
    trees: { verity: `${image.name}:verity`, uki: `${image.name}:uki` },
    script: `${espTree(`/needs/uki/${image.name}.efi`, `${image.name}_${image.version}+${image.bootTries}.efi`)}
${partition("05-bios-boot", biosBoot)}
${partition("10-esp", { ...esp, SizeMinBytes: `${image.layout.esp}M`, SizeMaxBytes: `${image.layout.esp}M` })}
${slotPartition(image, "20-root-a", { type: "root", part: "root", file: "root.erofs" })}
${slotPartition(image, "21-root-a-verity", { type: "root-verity", part: "verity", file: "root.verity" })}
${repart(plan, `--size=${diskMebibytes(image.layout)}M`)}
mv /build/disk.raw /out/disk.raw
`,
  });
}

/**
 * The live medium: a GPT disk with one ESP that also carries an El Torito boot record, so firmware boots it from a CD and from
 * a stick alike.
 */
export function isoStep(plan: ImagePlan): Step {
  const { image } = plan;
  return plan.step({
    part: "iso",
    tools: ["systemd", "dosfstools", "mtools"],
    trees: { uki: `${image.name}:live-uki` },
    script: `mkdir -p /build/esp/EFI/BOOT
cp /needs/uki/${image.name}.efi /build/esp/EFI/BOOT/BOOT\${EFI_ARCH^^}.EFI
# Not Minimize=: repart guesses by a FAT for a terabyte, which is larger than the system. FAT32 takes at least 34 MiB.
size=$(($(stat -c %s /needs/uki/${image.name}.efi) / 1048576 + 8))
[ $size -ge 40 ] || size=40
${partition("10-esp", { ...esp, SizeMinBytes: "$((size))M", SizeMaxBytes: "$((size))M" })}
${repart(plan, `--size=auto --el-torito=yes --el-torito-system=HADRON --el-torito-volume=${image.name.toUpperCase()}_${image.version.replaceAll(".", "_")}`)}
mv /build/disk.raw /out/${image.name}.iso
`,
  });
}

const esp = { Type: "esp", Label: "esp", Format: "vfat", CopyFiles: "/build/esp:/", AddValidateFS: "no" };

/** Room for slot B and a small /var as well, so that the image boots as it is; a larger disk is used to its end. */
function diskMebibytes({ esp, root, verity }: BootableImage["layout"]): number {
  return 1 + esp + 2 * (root + verity) + 260;
}

function espTree(uki: string, name: string): string {
  return `mkdir -p /build/esp/EFI/BOOT /build/esp/EFI/systemd /build/esp/EFI/Linux /build/esp/loader
cp /sysroot/usr/lib/systemd/boot/efi/systemd-boot$EFI_ARCH.efi /build/esp/EFI/BOOT/BOOT\${EFI_ARCH^^}.EFI
cp /sysroot/usr/lib/systemd/boot/efi/systemd-boot$EFI_ARCH.efi /build/esp/EFI/systemd/
cp ${uki} /build/esp/EFI/Linux/${name}
cat > /build/esp/loader/loader.conf <<'END'
${loaderConf}END`;
}

/** One of slot A's two partitions, filled from the verity step's output. */
function slotPartition(
  image: BootableImage,
  name: string,
  { type, part, file }: { type: string; part: "root" | "verity"; file: string },
): string {
  const size = `${image.layout[part]}M`;
  return partition(name, {
    Type: type,
    Label: `${image.name}_${image.version}`,
    UUID: `$(cat /needs/verity/${part}.uuid)`,
    CopyBlocks: `/needs/verity/${file}`,
    SizeMinBytes: size,
    SizeMaxBytes: size,
    ReadOnly: "yes",
  });
}

/** Script that writes a definition for systemd-repart to `/build/repart.d`; values are seen by the shell. */
export function partition(name: string, settings: Readonly<Record<string, string>>): string {
  const lines = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
  return `mkdir -p /build/repart.d\ncat > /build/repart.d/${name}.conf <<END\n[Partition]\n${lines.join("\n")}\nEND`;
}

function repart(plan: ImagePlan, options: string): string {
  return `find /build/esp -exec touch --no-dereference -d @$SOURCE_DATE_EPOCH {} +
# mkfs.fat knows no SOURCE_DATE_EPOCH; by this it takes a fixed time for the label.
SYSTEMD_REPART_MKFS_OPTIONS_VFAT=--invariant systemd-repart --definitions=/build/repart.d --empty=create --dry-run=no --offline=yes --discard=no --sector-size=512 \\
  --seed=${plan.uuid("disk")} ${options} /build/disk.raw`;
}
