/** What the root tree has beyond the components' own files, and what of theirs stays out. */

/** Shell patterns below the root (`**` crosses folders). Everything here serves building, reading or another system. */
export const droppedFiles: string[] = [
  // Building.
  "usr/include",
  "usr/**/*.a",
  "usr/**/*.la",
  "usr/lib/*.o",
  "usr/lib/cmake",
  "usr/lib/pkgconfig",
  "usr/share/aclocal",
  "usr/share/cmake",
  "usr/share/pkgconfig",
  "usr/libexec/hadron",
  "usr/lib/systemd/boot",
  "usr/lib/systemd/ukify",
  "usr/bin/ukify",
  // Reading.
  "usr/share/bash-completion",
  "usr/share/doc",
  "usr/share/gdb",
  "usr/share/gtk-doc",
  "usr/share/info",
  "usr/share/locale",
  "usr/share/man",
  "usr/share/zsh",
  "usr/lib/**/README",
  "usr/lib/systemd/catalog",
  // Desktops, users' own managers, other distributions' ways.
  "usr/lib/environment.d",
  "usr/lib/kernel",
  "usr/lib/rpm",
  "usr/lib/systemd/initrd-preset",
  "usr/lib/systemd/repart",
  "usr/lib/systemd/system-preset/90-systemd.preset",
  "usr/lib/systemd/user",
  "usr/lib/systemd/user-*",
  "usr/lib/systemd/portable",
  "usr/lib/systemd/tests",
  "usr/share/factory",
  "usr/share/mime",
  "usr/share/polkit-1",
  "usr/share/user-tmpfiles.d",
  // /home and /srv are links, / is read-only, /etc is complete, and nothing has an X server.
  "usr/lib/tmpfiles.d/{etc,home,legacy,root,x11}.conf",
  "usr/lib/udev/hwdb.d",
  "usr/lib/udev/rules.d/{60-autosuspend,60-drm,60-evdev,60-fido-id,60-gpiochip}.rules",
  "usr/lib/udev/rules.d/{60-persistent-alsa,60-persistent-hidraw,60-persistent-input,60-persistent-media-controller}.rules",
  "usr/lib/udev/rules.d/{60-persistent-v4l,60-sensor,70-camera,70-joystick,70-mouse,70-touchpad,78-sound-card}.rules",
  // Programs in languages that the OS does not have.
  "usr/bin/blkdeactivate",
  "usr/bin/c_rehash",
  "usr/bin/*-config",
];

/** What components may have in /etc; everything else of theirs has a default in the program. */
export const keptConfiguration: string[] = ["etc/ssl/openssl.cnf"];

/**
 * systemd's units that it would start by itself. Users, partitions and units are made before the OS starts, nothing is
 * updated in place, and machine identity and catalog are handled elsewhere or not at all.
 */
export const droppedStarts: string[] = [
  "sockets.target.wants/systemd-factory-reset.socket",
  "sockets.target.wants/systemd-mute-console.socket",
  "sockets.target.wants/systemd-repart.socket",
  "sockets.target.wants/systemd-storage-block.socket",
  "sockets.target.wants/systemd-storage-fs.socket",
  "sysinit.target.wants/clonesetup.target",
  "sysinit.target.wants/integritysetup.target",
  "sysinit.target.wants/systemd-hwdb-update.service",
  "sysinit.target.wants/systemd-journal-catalog-update.service",
  "sysinit.target.wants/systemd-machine-id-commit.service",
  "sysinit.target.wants/systemd-repart.service",
  "sysinit.target.wants/systemd-sysusers.service",
  "sysinit.target.wants/systemd-update-done.service",
];

/** Link → what it leads to. */
export const rootLinks: Record<string, string> = {
  bin: "usr/bin",
  lib: "usr/lib",
  sbin: "usr/bin",
  "usr/sbin": "bin",
  home: "var/home",
  mnt: "var/mnt",
  root: "var/roothome",
  srv: "var/srv",
  "etc/mtab": "../proc/self/mounts",
  "etc/os-release": "../usr/lib/os-release",
  "etc/resolv.conf": "../run/systemd/resolve/stub-resolv.conf",
  "usr/lib/systemd/system/default.target": "multi-user.target",
  // The partition grows with the disk, and the file system with the partition.
  "usr/lib/systemd/system/local-fs.target.wants/systemd-growfs@var.service": "../systemd-growfs@.service",
};

/** Mount points, with their modes. */
export const rootFolders: Record<string, string> = {
  boot: "755",
  dev: "755",
  efi: "755",
  etc: "755",
  proc: "755",
  run: "755",
  sys: "755",
  tmp: "1777",
  var: "755",
};
