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
  // The boot loader stays: bootctl and sysinstall put it onto disks. What goes in front of a kernel is for building.
  "usr/lib/systemd/boot/efi/{addon,linux}*.efi.stub",
  "usr/lib/systemd/ukify",
  "usr/bin/ukify",
  // GRUB's start-up image is made with the disk; a node counts tries.
  "usr/bin/grub-{mkimage,script-check}",
  "usr/lib/grub",
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
  "usr/share/dbus-1/{services,session.conf}",
  "usr/share/factory",
  "usr/share/mime",
  "usr/share/polkit-1",
  "usr/share/user-tmpfiles.d",
  // Whom others trust: keys of distributions, and their registries. A full name of an image needs neither.
  "usr/lib/systemd/import-pubring.pgp",
  "usr/lib/systemd/oci-registry/{image.*,registry.fedora}.oci-registry",
  // The resolver's own listener is off.
  "usr/lib/systemd/resolv.conf",
  // /home and /srv are links, / is read-only, /etc is complete, and nothing has an X server.
  "usr/lib/tmpfiles.d/{etc,home,legacy,root,x11}.conf",
  // It copies a credential's key to where it outlives the credential.
  "usr/lib/tmpfiles.d/provision.conf",
  // It is compiled, into hwdb.bin.
  "usr/bin/systemd-hwdb",
  "usr/lib/systemd/system/systemd-hwdb-update.service",
  "usr/lib/udev/hwdb.d",
  "usr/lib/udev/rules.d/{60-autosuspend,60-drm,60-evdev,60-fido-id,60-gpiochip}.rules",
  "usr/lib/udev/rules.d/{60-persistent-alsa,60-persistent-hidraw,60-persistent-input,60-persistent-media-controller}.rules",
  "usr/lib/udev/rules.d/{60-persistent-v4l,60-sensor,70-camera,70-joystick,70-mouse,70-touchpad,78-sound-card}.rules",
  // Each generator is a program that runs in every boot. These serve updates in place, other disks' partitions, a command given to
  // the kernel, and ways in by SSH beside sshd's own.
  "usr/lib/systemd/system-generators/systemd-{clonesetup,run,ssh,system-update}-generator",
  "usr/lib/systemd/systemd-clonesetup",
  "usr/lib/systemd/systemd-ssh-issue",
  "usr/lib/systemd/system/clonesetup.target",
  "usr/lib/systemd/system/system-update*",
  "usr/lib/tmpfiles.d/20-systemd-ssh-generator.conf",
  // A shell for whoever is at the console, wherever in the boot they like.
  "usr/lib/systemd/system/breakpoint-*.service",
  "usr/lib/systemd/system/debug-shell.service",
  // Nobody sits there: a password that is missing is an error. Who logs in answers by systemd-tty-ask-password-agent.
  "usr/lib/systemd/system/**/systemd-ask-password-{console,wall}.{path,service}",
  // Needs a program that is not here: syslogd, swtpm.
  "usr/lib/systemd/system/syslog.socket",
  "usr/lib/systemd/system/systemd-tpm2-swtpm.service",
  "usr/lib/systemd/systemd-tpm2-swtpm",
  // Registers beside the TPM's own. Each must be prepared in the initrd, by a UKI that is signed for it; elsewhere the attempt fails, and with
  // it the unit that makes the storage key, so that no boot with a TPM would count as good. Nothing here measures into them.
  "usr/lib/nvpcr",
  // Users made as they are needed don't work on musl (docs/systemd.md).
  "usr/lib/systemd/system/capsule*",
  "usr/lib/systemd/system/systemd-journalctl*",
  "usr/lib/systemd/system/systemd-report-{basic,cgroup}*",
  // Nothing here uses it; systemd's own programs have it in libsystemd-shared.
  "usr/lib/libudev.so.*",
  // systemd-repart makes partitions, sshd takes and gives files itself, and nobody shapes traffic or asks by hand for what /proc says.
  "usr/bin/{fdisk,partx,sfdisk}",
  "usr/bin/{scp,sftp}",
  "usr/bin/{lscpu,lslocks,tc}",
  // Programs in languages that the OS does not have.
  "usr/bin/blkdeactivate",
  "usr/bin/c_rehash",
  "usr/bin/*-config",
];

/** What components may have in /etc; everything else of theirs has a default in the program. */
export const keptConfiguration: string[] = ["etc/ssh/ssh_config", "etc/ssh/sshd_config", "etc/ssl/openssl.cnf"];

/** What serves a boot alone, and is left out of an image without a kernel. */
export const bootFiles: string[] = [
  "usr/lib/repart.d",
  "usr/lib/systemd/boot",
  "usr/lib/systemd/system/hadron-{huge-pages,repart}.service",
  "usr/lib/systemd/system/sysroot-*.mount",
  "usr/lib/udev/rules.d/61-hadron.rules",
];

/**
 * systemd's units that it would start by itself. A socket that only lets other programs call a tool which is there to be run
 * by hand is one more open door and one more thing to do in each boot; `systemctl start` opens it where something wants it.
 */
export const droppedStarts: string[] = [
  // Tools: disks, credentials, enrolment, extensions, downloads, updates, the boot loader, measurements to expect, questions.
  "sockets.target.wants/systemd-ask-password.socket",
  "sockets.target.wants/systemd-bootctl.socket",
  "sockets.target.wants/systemd-creds.socket",
  "sockets.target.wants/systemd-cryptenroll.socket",
  "sockets.target.wants/systemd-factory-reset.socket",
  "sockets.target.wants/systemd-importd.socket",
  "sockets.target.wants/systemd-journalctl.socket",
  "sockets.target.wants/systemd-mute-console.socket",
  "sockets.target.wants/systemd-pcrlock.socket",
  "sockets.target.wants/systemd-repart.socket",
  "sockets.target.wants/systemd-storage-block.socket",
  "sockets.target.wants/systemd-storage-fs.socket",
  "sockets.target.wants/systemd-sysext.socket",
  "sockets.target.wants/systemd-sysinstall.socket",
  "sockets.target.wants/systemd-sysupdate.socket",
  // A first boot asks nothing.
  "sysinit.target.wants/systemd-firstboot.service",
  // The kernel's inside is not mounted for everybody to look at.
  "sysinit.target.wants/sys-kernel-debug.mount",
  "sysinit.target.wants/sys-kernel-tracing.mount",
  // A boot writes nothing to the ESP, which has no journal; CPUs and hypervisors give the kernel its first random numbers.
  "sysinit.target.wants/systemd-boot-random-seed.service",
  // There are no definitions of registers in the TPM's memory (NvPCRs), which these would write to.
  "sysinit.target.wants/systemd-pcrnvdone.service",
  "sysinit.target.wants/systemd-pcrproduct.service",
  // Users, partitions and units are made before the OS starts, nothing is updated in place, and machine identity and catalog are
  // handled elsewhere or not at all.
  "sysinit.target.wants/clonesetup.target",
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
  "etc/ssl/cert.pem": "certs/ca-certificates.crt",
  "etc/ssl/certs/ca-certificates.crt": "../../../usr/share/ca-certificates/ca-certificates.crt",
  "etc/resolv.conf": "../run/systemd/resolve/resolv.conf",
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
  // systemd-sysext lays extensions over it.
  opt: "755",
  proc: "755",
  run: "755",
  sys: "755",
  tmp: "1777",
  var: "755",
};
