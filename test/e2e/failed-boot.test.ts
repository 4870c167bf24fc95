import { join } from "node:path";
import { expect, it } from "vitest";
import { freshDisk, freshFolder, testedImage } from "./support/artifacts.ts";
import { boot } from "./support/boot.ts";
import { bootEntries, partitionOf, varEntries, writeZeros } from "./support/partitions.ts";

it("a boot that fails in the initrd reboots instead of waiting in a shell", async () => {
  const disk = await freshDisk(join(await freshFolder("failed-boot"), "disk.raw"));
  const { start } = await partitionOf(disk, "root-verity");
  await writeZeros(disk, { offset: start, length: 4096 });
  await using vm = await boot("failed-boot", { disks: [{ path: disk, format: "raw" }], noReboot: true });
  // By itself, and not for a panic, which would be told as one.
  expect(await vm.waitForExit({ seconds: 150 })).toMatchObject({ reason: "reset" });
  // The loader had started it, and nothing came up that would have blessed it.
  const { name, version, bootTries } = testedImage;
  expect(await bootEntries(disk)).toEqual([`${name}_${version}+${bootTries - 1}-1.efi`]);
  // The system itself never ran: it would have filled /var, which the initrd only makes.
  expect(await varEntries(disk)).toEqual([]);
});
