import type { BootableImage } from "./image.ts";

/**
 * Where GRUB's start-up image goes on a machine with a BIOS. It is on every disk, empty where UEFI starts the machine: a partition can't
 * be put in later, since /var takes the rest of the disk. First, and so within the reach of any BIOS (ADR 0007).
 */
export const biosBoot: Readonly<Record<string, string>> = {
  Type: "21686148-6449-6e6f-744e-656564454649",
  Label: "bios-boot",
  ...exactly(1),
};

/**
 * Definitions for systemd-repart on the node (repart.d(5)), in the order of the partitions on the disk. What the disk was
 * made with is recognised by type and order; slot B and /var are made at the first boot. A slot that is not in use is called
 * "_empty", as systemd-sysupdate has it.
 */
export function partitionDefinitions(image: BootableImage): Record<string, string> {
  const { esp, root, verity } = image.layout;
  const slot = (type: string, size: number) => ({
    Type: type,
    Label: "_empty",
    ...exactly(size),
    ReadOnly: "yes",
  });
  return {
    // A disk that was made without it has no room for it either, and does without.
    "05-bios-boot.conf": definition({ ...biosBoot, Priority: "1" }),
    "10-esp.conf": definition({ Type: "esp", Label: "esp", ...exactly(esp) }),
    "20-root-a.conf": definition(slot("root", root)),
    "21-root-a-verity.conf": definition(slot("root-verity", verity)),
    "30-root-b.conf": definition(slot("root", root)),
    "31-root-b-verity.conf": definition(slot("root-verity", verity)),
    // Takes the rest of the disk and grows with it.
    "40-var.conf": definition({ Type: "var", Label: "var", Format: "ext4", SizeMinBytes: "256M", FactoryReset: "yes" }),
  };
}

function exactly(mebibytes: number): Record<string, string> {
  return { SizeMinBytes: `${mebibytes}M`, SizeMaxBytes: `${mebibytes}M` };
}

function definition(settings: Record<string, string>): string {
  const lines = Object.entries(settings).map(([key, value]) => `${key}=${value}\n`);
  return `[Partition]\n${lines.join("")}`;
}
