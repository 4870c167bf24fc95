import type { BootableImage } from "./image.ts";

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
