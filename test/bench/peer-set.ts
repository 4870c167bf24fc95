/**
 * A minimal Debian 13, as debootstrap's variant `minbase` makes it, with the kernel, the init system and the SSH server that
 * ours has as well. Its packages are pinned in `peer.lock.json`.
 */
export const peerSets = {
  peer: {
    summary: "a minimal Debian to compare boots with",
    packages: [
      // What Debian calls essential, and apt.
      ..."base-files base-passwd bash bsdutils coreutils dash debianutils diffutils dpkg findutils grep gzip".split(
        " ",
      ),
      ..."hostname init-system-helpers libc-bin login mawk ncurses-base ncurses-bin perl-base sed sysvinit-utils".split(
        " ",
      ),
      ..."tar util-linux apt".split(" "),
      // What makes it a machine.
      ..."linux-image-cloud-amd64 systemd systemd-sysv udev dbus kmod e2fsprogs mount passwd".split(" "),
      // With what its initrd is compressed by, where that is not left out.
      ..."initramfs-tools zstd".split(" "),
      ..."iproute2 procps openssh-server systemd-timesyncd".split(" "),
    ],
    links: {
      bin: "usr/bin",
      sbin: "usr/sbin",
      lib: "usr/lib",
      lib64: "usr/lib64",
      "usr/bin/awk": "mawk",
    },
    files: {},
    directories: ["dev", "mnt", "proc", "root", "run", "srv", "sys", "tmp", "var/tmp"],
  },
};
