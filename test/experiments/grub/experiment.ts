/**
 * Whether GRUB, started by a BIOS, can boot the disk that is delivered for UEFI: the same partitions, kernel, initrd and verified root,
 * with tries counted in grubenv and the other slot when they run out. docs/adr/0007 says what was seen.
 */
import { readFile, truncate } from "node:fs/promises";
import { join } from "node:path";
import cloud from "../../../images/cloud.ts";
import { copySparseFile } from "../../../src/formats/mod.ts";
import type { Vm } from "../../../src/vm/mod.ts";
import { diskBytes } from "../../e2e/support/artifacts.ts";
import { ask, boot, isUp, runLast, systemState } from "../../e2e/support/boot.ts";
import { judge } from "../../e2e/support/judge.ts";
import { partitionOf, partitionsOf, writeZeros } from "../../e2e/support/partitions.ts";
import { type Check, check } from "../experiment.ts";
import { buildGrubDisk } from "./build-disk.ts";
import { grubFolder, type Slot } from "./grub-config.ts";
import { update } from "./update.ts";

const grubenv = `${grubFolder}/grubenv`;

/** Kernel and initrd, up to a root that does not verify. */
const failureSeconds = 180;

export async function* experiment(folder: string): AsyncGenerator<Check> {
  const built = await buildGrubDisk();
  const disk = join(folder, "disk.raw");
  await copySparseFile(built.path, disk);
  await truncate(disk, diskBytes);
  const tries = update.bootTries;
  const isFrom = async (slot: Slot) => expectedSystem(disk, { slot, verity: built.verity[slot] });
  const onTrial = (left: number) => ({ order: "b a", tries_b: String(left) });
  const good = { order: "b a" };

  yield check("the delivered grubenv puts slot B on trial", await variablesOf(disk), onTrial(tries));

  yield* whileUp("grub-trial", disk, async function* (vm) {
    yield check("slot B comes up verified, by a BIOS", await systemOf(vm), await isFrom("b"));
    yield check("this start was counted", await variablesIn(vm), onTrial(tries - 1));
    await editInPlace(vm, "unset tries_b");
  });
  yield check("blessed, slot B has no counter", await variablesOf(disk), good);
  yield check("repart made /var and changed nothing else", await tableOf(disk), [
    "bios-boot bios-boot",
    "esp esp",
    ...[cloud, update].flatMap(({ name, version }) => [`root ${name}_${version}`, `root-verity ${name}_${version}`]),
    "var var",
  ]);

  yield* whileUp("grub-blessed", disk, async function* (vm) {
    yield check("blessed, slot B comes up again", await systemOf(vm), await isFrom("b"));
    yield check("and is not counted", await variablesIn(vm), good);
    await editInPlace(vm, `set tries_b=${tries}`);
  });

  await spoilSlotB(disk);
  for (let left = tries - 1; left >= 0; left--) {
    const name = `grub-failure-${tries - left}`;
    await using vm = await boot(name, { ...machine(disk), noReboot: true });
    const { reason } = await vm.waitForExit({ seconds: failureSeconds });
    yield check(`spoiled, slot B reboots by itself, try ${tries - left}`, reason, "reset");
    yield check(`and that start was counted, try ${tries - left}`, await variablesOf(disk), onTrial(left));
  }

  yield* whileUp("grub-fallback", disk, async function* (vm) {
    yield check("without tries left, slot A comes up verified", await systemOf(vm), await isFrom("a"));
    yield check("and the count stays for whoever asks", await variablesIn(vm), onTrial(0));
  });
  yield check("nothing was written after that", await variablesOf(disk), onTrial(0));
}

function machine(disk: string) {
  return { disks: [{ path: disk, format: "raw" as const }], firmware: "bios" as const };
}

async function* whileUp(name: string, disk: string, look: (vm: Vm) => AsyncIterable<Check>): AsyncGenerator<Check> {
  await using vm = await boot(name, machine(disk));
  await isUp(vm);
  yield* look(vm);
  runLast(vm, "systemctl poweroff");
  yield check(`"${name}" powers off`, (await vm.waitForExit({ seconds: 60 })).reason, "poweroff");
}

interface System {
  state: string;
  failed: string;
  firmware: string;
  /** Of the kernel's command line, those that say what was booted from where. */
  words: string[];
  root: string;
  /** The root hash that device mapper checks with. */
  verity: string;
}

async function systemOf(vm: Vm): Promise<System> {
  return {
    ...(await systemState(vm)),
    firmware: await ask(vm, "[ -e /sys/firmware/efi ] && echo UEFI || echo BIOS"),
    words: (await ask(vm, "tr ' ' '\\n' < /proc/cmdline | grep -E '^(roothash|hadron\\.)' | sort")).split("\n"),
    root: await ask(vm, "findmnt -nro SOURCE,FSTYPE /"),
    verity: await ask(vm, "dmsetup table root | tr ' ' '\\n' | grep -xE '[0-9a-f]{64}' | head -n 1"),
  };
}

async function expectedSystem(disk: string, { slot, verity }: { slot: Slot; verity: string }): Promise<System> {
  const hash = (await readFile(join(verity, "roothash"), "utf8")).trim();
  const esp = (await partitionOf(disk, "esp")).uuid;
  return {
    state: "running",
    failed: "",
    firmware: "BIOS",
    words: [`hadron.esp=${esp}`, `hadron.slot=${slot}`, `roothash=${hash}`],
    root: "/dev/mapper/root erofs",
    verity: hash,
  };
}

const mountEsp = "mkdir -p /run/esp && mount -t vfat /dev/disk/by-hadron/esp /run/esp";

async function variablesIn(vm: Vm): Promise<Record<string, string>> {
  return parseVariables(await ask(vm, `${mountEsp} && cat /run/esp${grubenv} && umount /run/esp`));
}

/**
 * What a node does to bless a boot or to put a slot on trial. grub-editenv truncates a file before it writes it, and a power cut between
 * the two would leave an empty one; so it works on a copy, and the same 1024 bytes are written over the old.
 */
async function editInPlace(vm: Vm, command: string): Promise<void> {
  await ask(
    vm,
    `${mountEsp} && cp /run/esp${grubenv} /run/grubenv && grub-editenv /run/grubenv ${command} &&
dd if=/run/grubenv of=/run/esp${grubenv} conv=notrunc,fsync 2> /dev/null && umount /run/esp`,
  );
}

/** Read from the disk of a machine that is off, by Debian's mtools. */
async function variablesOf(disk: string): Promise<Record<string, string>> {
  const { start } = await partitionOf(disk, "esp");
  const env = { MTOOLSRC: "/dev/null", MTOOLS_SKIP_CHECK: "1" };
  const { exitCode, stdout, stderr } = await judge(
    "vm",
    "/usr/bin/mtype",
    ["-i", `${disk}@@${start}`, `::${grubenv}`],
    env,
  );
  if (exitCode !== 0) throw new Error(`mtype can't read ${grubenv} of "${disk}": ${stderr}`);
  return parseVariables(stdout);
}

/** Sorted by name. */
function parseVariables(block: string): Record<string, string> {
  const lines = block.split("\n").filter((line) => !line.startsWith("#") && line.includes("="));
  return Object.fromEntries(lines.sort().map((line) => line.split("=", 2) as [string, string]));
}

async function tableOf(disk: string): Promise<string[]> {
  return (await partitionsOf(disk)).map(({ type, name }) => `${type} ${name}`);
}

/** The superblock of its hash tree: the root can't be opened any more. */
async function spoilSlotB(disk: string): Promise<void> {
  const table = await partitionsOf(disk);
  const found = table.find(({ type, name }) => type === "root-verity" && name.startsWith(`${update.name}_`));
  if (found === undefined) throw new Error(`"${disk}" has no hash tree of slot B`);
  await writeZeros(disk, { offset: found.start, length: 4096 });
}
