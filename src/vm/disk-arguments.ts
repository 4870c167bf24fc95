import { basename, dirname, resolve } from "node:path";
import type { Disk } from "./options.ts";
import type { Binding } from "./sandbox.ts";

export interface DiskArguments {
  arguments: string[];
  /** The images' folders, bound at fixed places so that no path of this machine can collide with one of the sandbox. */
  bindings: Binding[];
}

/** Disks boot in the order given, after the CD. */
export function diskArguments(disks: Disk[], cdrom: string | undefined): DiskArguments {
  const result: DiskArguments = { arguments: [], bindings: [] };
  const buses = new Set(disks.map((disk) => disk.bus ?? "virtio"));
  if (buses.has("scsi") || cdrom !== undefined) result.arguments.push("-device", "virtio-scsi-pci,id=scsi");
  if (buses.has("usb")) result.arguments.push("-device", "qemu-xhci,id=usb");
  if (cdrom !== undefined) {
    const file = bind(result, cdrom, "/disks/cdrom", true);
    result.arguments.push("-drive", `if=none,id=cdrom,format=raw,readonly=on,file=${file}`);
    result.arguments.push("-device", "scsi-cd,bus=scsi.0,drive=cdrom,bootindex=0");
  }
  disks.forEach((disk, index) => {
    const id = `disk${index}`;
    const file = bind(result, disk.path, `/disks/${index}`, disk.readonly === true || disk.snapshot === true);
    const flags = [
      `if=none,id=${id},format=${disk.format},discard=unmap`,
      ...(disk.snapshot ? ["snapshot=on"] : []),
      ...(disk.readonly ? ["readonly=on"] : []),
    ];
    result.arguments.push("-drive", `${flags.join(",")},file=${file}`);
    const port = disks.slice(0, index).filter((other) => other.bus === "sata").length;
    result.arguments.push("-device", `${device(disk, id, port)},bootindex=${index + 1}`);
  });
  return result;
}

/** @param port Of the AHCI controller that x86_64's machine has */
function device(disk: Disk, id: string, port: number): string {
  const serial = escapeCommas(disk.serial ?? id);
  switch (disk.bus ?? "virtio") {
    case "virtio":
      return `virtio-blk-pci,drive=${id},serial=${serial}`;
    case "scsi":
      return `scsi-hd,bus=scsi.0,drive=${id},serial=${serial}`;
    case "nvme":
      return `nvme,drive=${id},serial=${serial}`;
    case "usb":
      return `usb-storage,bus=usb.0,drive=${id},serial=${serial},removable=on`;
    case "sata":
      return `ide-hd,bus=ide.${port},drive=${id},serial=${serial}`;
  }
}

function bind(result: DiskArguments, path: string, at: string, readonly: boolean): string {
  const whole = resolve(path);
  result.bindings.push({ from: dirname(whole), to: at, readonly });
  return escapeCommas(`${at}/${basename(whole)}`);
}

/** QEMU's option syntax doubles a comma that belongs to a value. */
export function escapeCommas(value: string): string {
  return value.replaceAll(",", ",,");
}
