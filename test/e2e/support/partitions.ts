import { open } from "node:fs/promises";
import { judge } from "./judge.ts";

export interface Partition {
  name: string;
  /** In a word where it is one of those below, else a UUID. */
  type: string;
  uuid: string;
  /** Bytes. */
  start: number;
  size: number;
}

/** Discoverable Partitions Specification (UAPI.2), x86-64, and GRUB's own (its manual, "BIOS installation"). */
const types: Record<string, string> = {
  "21686148-6449-6E6F-744E-656564454649": "bios-boot",
  "C12A7328-F81F-11D2-BA4B-00A0C93EC93B": "esp",
  "4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709": "root",
  "2C7357ED-EBD2-46D9-AEC1-23D437EC2BF5": "root-verity",
  "4D21B016-B534-45C2-A9FB-5C16E091FD2D": "var",
};

/** The partition table of a raw disk, as sfdisk reads it. */
export async function partitionsOf(disk: string): Promise<Partition[]> {
  const { exitCode, stdout, stderr } = await judge("vm", "/usr/sbin/sfdisk", ["-J", disk]);
  if (exitCode !== 0) throw new Error(`sfdisk can't read the partition table of "${disk}": ${stderr}`);
  const { partitiontable } = JSON.parse(stdout) as {
    partitiontable: {
      label: string;
      sectorsize: number;
      partitions: { name?: string; type: string; uuid: string; start: number; size: number }[];
    };
  };
  if (partitiontable.label !== "gpt") throw new Error(`"${disk}" has a table of the kind ${partitiontable.label}`);
  return partitiontable.partitions.map(({ name = "", type, uuid, start, size }) => ({
    name,
    type: types[type.toUpperCase()] ?? type,
    uuid: uuid.toLowerCase(),
    start: start * partitiontable.sectorsize,
    size: size * partitiontable.sectorsize,
  }));
}

/** The first partition of a type: slot A where it is one of the root's. */
export async function partitionOf(disk: string, type: string): Promise<Partition> {
  const found = (await partitionsOf(disk)).find((partition) => partition.type === type);
  if (found === undefined) throw new Error(`"${disk}" has no partition of the type ${type}`);
  return found;
}

/** File names of the boot entries in a raw disk's EFI partition: the counter in them says how often each was tried. */
export async function bootEntries(disk: string): Promise<string[]> {
  const { start } = await partitionOf(disk, "esp");
  const { exitCode, stdout, stderr } = await judge("vm", "/usr/bin/mdir", [
    "-b",
    "-i",
    `${disk}@@${start}`,
    "::/EFI/Linux",
  ]);
  if (exitCode !== 0) throw new Error(`mdir can't read the EFI partition of "${disk}": ${stderr}`);
  return stdout.split("\n").flatMap((line) => line.split("/").at(-1)?.trim() || []);
}

/** Names in the root of /var's file system, where there is one yet. A machine that came up has filled it; a new one has none but lost+found. */
export async function varEntries(disk: string): Promise<string[]> {
  const found = (await partitionsOf(disk)).find(({ type }) => type === "var");
  if (found === undefined) return [];
  const { stdout } = await judge("vm", "/usr/sbin/debugfs", ["-R", "ls -p /", `${disk}?offset=${found.start}`]);
  // A line an entry: /inode/mode/uid/gid/name/size/
  const names = stdout.split("\n").flatMap((line) => line.split("/")[5] || []);
  return names.filter((name) => ![".", "..", "lost+found"].includes(name));
}

/** What e2fsck finds in the file system of /var; it changes nothing. Clean is exit status 0 and no journal to be replayed. */
export async function checkVar(disk: string): Promise<{ exitCode: number; output: string }> {
  const { start } = await partitionOf(disk, "var");
  const { exitCode, stdout, stderr } = await judge("vm", "/usr/sbin/e2fsck", ["-fn", `${disk}?offset=${start}`]);
  return { exitCode, output: stdout + stderr };
}

/** Turns all bits of one byte over; done twice it is undone. */
export async function flipByte(file: string, offset: number): Promise<void> {
  await using handle = await open(file, "r+");
  const byte = Buffer.alloc(1);
  const { bytesRead } = await handle.read(byte, 0, 1, offset);
  if (bytesRead !== 1) throw new Error(`"${file}" has no byte at ${offset}`);
  await handle.write(Buffer.of((byte[0] ?? 0) ^ 0xff), 0, 1, offset);
}

export async function writeZeros(file: string, range: { offset: number; length: number }): Promise<void> {
  await using handle = await open(file, "r+");
  await handle.write(Buffer.alloc(range.length), 0, range.length, range.offset);
}
