import { meson, recipe } from "../../src/recipe/mod.ts";

/** Programs of a node that neither systemd nor busybox has, or has as well. Everything else stays off, as do PAM's. */
const programs =
  "agetty blkdiscard blockdev dmesg fallocate findmnt flock fsck fsfreeze fstrim losetup lsblk lsns mount mountpoint nsenter partx schedutils sulogin swapoff swapon unshare wipefs".split(
    " ",
  );
const libraries = ["libblkid", "libfdisk", "libmount", "libsmartcols", "libuuid"];

export default recipe({
  name: "util-linux",
  summary: "Mounts, partitions, file-system signatures, namespaces and logins on terminals",
  build: meson({
    options: {
      ...Object.fromEntries([...libraries, ...programs, "fdisks"].map((part) => [`build-${part}`, "enabled"])),
      widechar: "enabled",
      "program-tests": false,
      "tty-setgid": false,
      "use-tty-group": false,
      "fs-search-path": "/usr/bin",
    },
    // Nothing is setuid here; some programs cannot be switched off.
    after: `chmod u-s /out/usr/bin/mount /out/usr/bin/umount
cd /out/usr/bin && rm -f addpart delpart resizepart coresched ipcs look mcookie namei readprofile rename setsid whereis`,
  }),
  test: ({ version }) => `truncate -s 8M disk
echo 'label: gpt
size=1MiB, type=linux, name=test' | /sysroot/usr/bin/sfdisk -q disk
/sysroot/usr/bin/sfdisk -d disk | grep -q 'name="test"'
/sysroot/usr/bin/blkid -p -s PTTYPE -o value disk | grep -qx gpt
/sysroot/usr/bin/mount --version | grep -q "${version}"
test -z "$(find /sysroot/usr/bin -perm /6000)"
`,
});
