import { autotools, recipe } from "../../src/recipe/mod.ts";

/** What a node needs and neither systemd nor busybox has, or does better. */
const programs =
  "agetty blkdiscard blkid blockdev chrt dmesg fallocate fdisk findfs findmnt flock fsck fsfreeze fstrim ionice losetup lsblk lscpu lslocks lsns mkswap mount mountpoint nsenter partx prlimit sfdisk sulogin swapoff swapon taskset umount unshare uuidgen wipefs";

/** Those that want PAM or cannot be had otherwise, and what would only cost time; some programs cannot be switched off. */
const parts =
  "asciidoc bash-completion bfs bits cal chfn-chsh chmem copyfilerange cramfs eject enosys exch getino hardlink hexdump hwclock ipcmk ipcrm ipcs irqtop kill last liblastlog2 logger login lsfd lsirq lslogins lsmem makeinstall-chown makeinstall-setuid makeinstall-tty-setgid mesg minix mkfs more nologin pam-lastlog2 pipesz pivot_root poman pylibmount raw rename rfkill runuser scriptutils setpriv setterm su switch_root ul use-tty-group utmpdump uuidd waitpid wall wdctl whereis zramctl";
const packages = "cap-ng cryptsetup econf libmagic libz ncurses ncursesw python readline systemd tinfo udev user util";

/** Not built with Meson: that leaves out fdisk, lsblk and dmesg where there is no curses. */
export default recipe({
  name: "util-linux",
  summary: "Mounts, partitions, file-system signatures, namespaces and logins on terminals",
  build: autotools({
    configure: [
      ...parts.split(" ").map((part) => `--disable-${part}`),
      ...packages.split(" ").map((name) => `--without-${name}`),
      "--bindir=/usr/bin",
      "--enable-fs-paths-default=/usr/bin",
    ],
    make: ["usrsbin_execdir=/usr/bin"],
    install: ["install", "usrsbin_execdir=/usr/bin"],
    after: `cd /out/usr/bin
for program in *; do
  case " ${programs} " in *" $program "*) ;; *) rm $program ;; esac
done
ls ${programs}`,
  }),
  test: ({ version }) => `truncate -s 8M disk
echo 'label: gpt
size=1MiB, type=linux, name=test' | /sysroot/usr/bin/sfdisk -q disk
/sysroot/usr/bin/sfdisk -d disk | grep 'name="test"' > /dev/null
/sysroot/usr/bin/blkid -p -s PTTYPE -o value disk | grep -x gpt > /dev/null
/sysroot/usr/bin/mount --version | grep "${version}" > /dev/null
test -z "$(find /sysroot/usr/bin -perm /6000)"
`,
});
