import type { Step } from "../../../src/graph/mod.ts";
import type { ImagePlan } from "../../../src/image/image-plan.ts";
import { type BootableImage, partitionDefinitions, verityCommandLine } from "../../../src/rootfs/mod.ts";
import { grubConfig, grubFolder, type Slot, slotConfig } from "./grub-config.ts";

/** Places in the first sector, in GRUB's own file of that name: `include/grub/i386/pc/boot.h`. */
const bootSector = { kernelSector: 0x5c, driveCheck: 0x66, size: 0x1b8 };

/** The start-up image begins with a sector that says where the rest of it is: a list of blocks that grows down from the sector's end. */
const firstBlock = 512 - 12;

/** Counted from one, as in GRUB's names for partitions. */
const biosBootNumber = 1;
const espNumber = 2;

/**
 * The disk as it is delivered, to be started by a BIOS: slot B is filled, GRUB's files are on the ESP, its start-up image is in the
 * BIOS boot partition and its first 440 bytes are in the first sector. Nothing that was there is changed.
 * @param plan Of the image in slot B
 * @param delivered The image whose disk it is, in slot A
 */
export function grubDiskStep(plan: ImagePlan, delivered: BootableImage): Step {
  const { image } = plan;
  return plan.step({
    part: "grub-disk",
    tools: ["systemd", "dosfstools", "mtools", "grub"],
    trees: {
      disk: `${delivered.name}:disk`,
      "verity-a": `${delivered.name}:verity`,
      "initrd-a": `${delivered.name}:initrd`,
      "verity-b": `${image.name}:verity`,
      "initrd-b": `${image.name}:initrd`,
      kernel: image.kernel.name,
    },
    script: `cd /build
cp --sparse=always /needs/disk/disk.raw disk.raw
chmod 644 disk.raw
${fillSlotB(plan)}
${espFiles({ a: delivered, b: image })}
${startUp}
mv disk.raw /out/disk.raw
`,
  });
}

/** By the node's own definitions, as the first boot makes slot B, but with something in it. */
function fillSlotB(plan: ImagePlan): string {
  const { image } = plan;
  const content: Record<string, { part: string; file: string }> = {
    "30-root-b.conf": { part: "root", file: "root.erofs" },
    "31-root-b-verity.conf": { part: "verity", file: "root.verity" },
  };
  const { "40-var.conf": _, ...definitions } = partitionDefinitions(image);
  const texts = Object.entries(definitions).map(([name, text]) => {
    const filled = content[name];
    if (filled === undefined) return [name, text];
    const lines = [
      `Label=${release(image)}`,
      `UUID=$(cat /needs/verity-b/${filled.part}.uuid)`,
      `CopyBlocks=/needs/verity-b/${filled.file}`,
    ];
    return [name, text.replace("Label=_empty", lines.join("\n"))];
  });
  return `mkdir repart.d
${texts.map(([name, text]) => `cat > repart.d/${name} <<END\n${text}END`).join("\n")}
systemd-repart --definitions=/build/repart.d --dry-run=no --offline=yes --discard=no --sector-size=512 --seed=${plan.uuid("grub-disk")} /build/disk.raw`;
}

/** What a slot's partitions and its folder on the ESP are called. */
function release({ name, version }: BootableImage): string {
  return `${name}_${version}`;
}

/** Kernel and initrd of both slots in folders named like their partitions, and what GRUB reads first. Slot B is on trial. */
function espFiles(images: Record<Slot, BootableImage>): string {
  const both = Object.entries(images) as [Slot, BootableImage][];
  const files = both.map(
    ([slot, image]) => `mkdir -p esp${grubFolder}/${release(image)}
cp /needs/kernel/usr/lib/modules/*/vmlinuz esp${grubFolder}/${release(image)}/linux
cp /needs/initrd-${slot}/initrd.cpio.zst esp${grubFolder}/${release(image)}/initrd
cat > esp${grubFolder}/slot-${slot}.cfg <<END
${slotConfig(release(image), [...image.commandLine, ...verityWords(slot)])}END`,
  );
  return `export MTOOLSRC=/dev/null MTOOLS_SKIP_CHECK=1
lba() { od -An -t u8 -j $((1024 + 128 * ($1 - 1) + 32)) -N 8 disk.raw | tr -d ' '; }
${files.join("\n")}
cat > esp${grubFolder}/grub.cfg <<'END'
${grubConfig(images.b.bootTries)}END
grub-script-check esp${grubFolder}/grub.cfg
grub-editenv esp${grubFolder}/grubenv create
grub-editenv esp${grubFolder}/grubenv set 'order=b a' tries_b=${images.b.bootTries}
find esp -exec touch --no-dereference -d @$SOURCE_DATE_EPOCH {} +
esp=disk.raw@@$(($(lba ${espNumber}) * 512))
for folder in $(cd esp && find * -type d | sort); do mmd -i $esp ::/$folder; done
for file in $(cd esp && find * -type f | sort); do mcopy -m -i $esp esp/$file ::/$file; done`;
}

function verityWords(slot: Slot): string[] {
  const from = (file: string) => `$(cat /needs/verity-${slot}/${file})`;
  return verityCommandLine({ root: from("roothash"), dataUuid: from("root.uuid"), hashUuid: from("verity.uuid") });
}

/**
 * What grub-bios-setup would write (`util/setup.c`); it can't run here, since it looks for the device that its own files are on. In
 * the first sector: where the start-up image begins, and no jump over the check of the drive's number. In the image: where it goes on.
 */
const startUp = `[ "$(dd if=disk.raw bs=1 skip=$((1024 + 128 * ${biosBootNumber - 1})) count=16 status=none)" = 'Hah!IdontNeedEFI' ] ||
  { echo "Partition ${biosBootNumber} is no BIOS boot partition"; exit 1; }
little() { local i; for i in 0 1 2 3 4 5 6 7; do printf "\\\\x$(printf %x $(($1 >> (8 * i) & 255)))"; done; }
patch() { dd of=$1 bs=1 seek=$2 conv=notrunc status=none; }
modules=$(cd /sysroot/usr/lib/grub/i386-pc && printf '%s ' *.mod)
grub-mkimage -O i386-pc -d /sysroot/usr/lib/grub/i386-pc -p '(,gpt${espNumber})${grubFolder}' -o core.img \${modules//.mod/}
head -c ${bootSector.size} /sysroot/usr/lib/grub/i386-pc/boot.img > first.img
start=$(lba ${biosBootNumber})
little $((start + 1)) | patch core.img ${firstBlock}
little $start | patch first.img ${bootSector.kernelSector}
printf '\\x90\\x90' | patch first.img ${bootSector.driveCheck}
[ $(stat -c %s core.img) -le 1048576 ] || { echo "The start-up image is larger than its partition"; exit 1; }
echo "GRUB's start-up image: $(stat -c %s core.img) bytes"
dd if=core.img of=disk.raw bs=512 seek=$start conv=notrunc status=none
dd if=first.img of=disk.raw bs=${bootSector.size} conv=notrunc status=none`;
