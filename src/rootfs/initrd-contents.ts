/** What of the root tree goes into the initrd. Libraries come along; what programs load by themselves (dlopen) is listed. */

/** Links come with what they lead to. */
export const initrdPrograms: string[] = [
  "usr/bin/dmsetup",
  "usr/bin/fsck",
  "usr/bin/fsck.ext4",
  "usr/bin/mkfs.ext4",
  "usr/bin/mount",
  "usr/bin/systemctl",
  "usr/bin/systemd-repart",
  "usr/bin/udevadm",
  "usr/bin/umount",
  "usr/lib/systemd/system-generators/systemd-fstab-generator",
  "usr/lib/systemd/system-generators/systemd-veritysetup-generator",
  "usr/lib/systemd/systemd",
  "usr/lib/systemd/systemd-executor",
  "usr/lib/systemd/systemd-fsck",
  "usr/lib/systemd/systemd-journald",
  "usr/lib/systemd/systemd-shutdown",
  "usr/lib/systemd/systemd-sysctl",
  "usr/lib/systemd/systemd-sysroot-fstab-check",
  "usr/lib/systemd/systemd-udevd",
  "usr/lib/systemd/systemd-veritysetup",
  "usr/lib/udev/ata_id",
  "usr/lib/udev/boot-disk",
  "usr/lib/udev/has-partition",
  "usr/lib/udev/scsi_id",
];

/** Loaded when they are needed. Left out: compression for the journal, signatures. */
export const initrdLibraries: string[] = [
  "libblkid.so.1",
  "libcryptsetup.so.12",
  "libfdisk.so.1",
  // udev complains without it, though the kernel has everything that starting takes.
  "libkmod.so.2",
  "libmount.so.1",
  "libseccomp.so.2",
];

export const initrdUnits: string[] = [
  "basic.target",
  "emergency.service",
  "emergency.service.d/50-hadron.conf",
  "emergency.target",
  "final.target",
  "hadron-repart.service",
  "initrd-cleanup.service",
  "initrd-fs.target",
  "initrd-parse-etc.service",
  "initrd-root-device.target",
  "initrd-root-fs.target",
  "initrd-switch-root.service",
  "initrd-switch-root.target",
  "initrd-udevadm-cleanup-db.service",
  "initrd-usr-fs.target",
  "initrd.target",
  "local-fs-pre.target",
  "local-fs.target",
  "paths.target",
  "poweroff.target",
  "reboot.target",
  "shutdown.target",
  "slices.target",
  "sockets.target",
  "swap.target",
  "sysinit.target",
  "sysroot-etc.mount",
  "sysroot-var.mount",
  "system-systemd\\x2dveritysetup.slice",
  "systemd-fsck@.service",
  "systemd-journald-dev-log.socket",
  "systemd-journald.service",
  "systemd-journald.socket",
  "systemd-poweroff.service",
  "systemd-reboot.service",
  "systemd-udev-trigger.service",
  "systemd-udevd-kernel.socket",
  "systemd-udevd-varlink.socket",
  "systemd-udevd.service",
  "timers.target",
  "umount.target",
  "veritysetup-pre.target",
  "veritysetup.target",
];

/** Unit → the target that starts it. */
export const initrdStarts: Record<string, string> = {
  "sysroot-etc.mount": "initrd-fs.target.requires",
  "sysroot-var.mount": "initrd-fs.target.requires",
  "systemd-journald-dev-log.socket": "sockets.target.wants",
  "systemd-journald.service": "sysinit.target.wants",
  "systemd-journald.socket": "sockets.target.wants",
  "systemd-udev-trigger.service": "sysinit.target.wants",
  "systemd-udevd-kernel.socket": "sockets.target.wants",
  "systemd-udevd-varlink.socket": "sockets.target.wants",
  "systemd-udevd.service": "sysinit.target.wants",
  "veritysetup.target": "sysinit.target.wants",
};

/** Plain files and whole folders. */
export const initrdFiles: string[] = [
  "etc/group",
  "etc/passwd",
  "usr/lib/repart.d",
  "usr/lib/udev/rules.d/10-dm.rules",
  "usr/lib/udev/rules.d/13-dm-disk.rules",
  "usr/lib/udev/rules.d/50-udev-default.rules",
  "usr/lib/udev/rules.d/60-block.rules",
  "usr/lib/udev/rules.d/60-persistent-storage.rules",
  "usr/lib/udev/rules.d/61-hadron.rules",
  "usr/lib/udev/rules.d/95-dm-notify.rules",
  "usr/lib/udev/rules.d/99-systemd.rules",
];

export const initrdLinks: Record<string, string> = {
  bin: "usr/bin",
  init: "usr/lib/systemd/systemd",
  lib: "usr/lib",
  sbin: "usr/bin",
  "usr/sbin": "bin",
  "etc/os-release": "../usr/lib/os-release",
  "usr/lib/systemd/system/ctrl-alt-del.target": "reboot.target",
  "usr/lib/systemd/system/default.target": "initrd.target",
  "usr/lib/systemd/system/systemd-udevd-control.socket": "systemd-udevd-varlink.socket",
};

/** Folder → mode. /var/tmp is where systemd-repart looks for room. */
export const initrdFolders: Record<string, string> = {
  dev: "0755",
  proc: "0755",
  root: "0700",
  run: "0755",
  sys: "0755",
  sysroot: "0755",
  tmp: "1777",
  "var/tmp": "1777",
};
