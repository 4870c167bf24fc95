import { meson, recipe } from "../../src/recipe/mod.ts";
import cryptsetup from "../cryptsetup/recipe.ts";
import kmod from "../kmod/recipe.ts";
import libseccomp from "../libseccomp/recipe.ts";
import libucontext from "../libucontext/recipe.ts";
import openssl from "../openssl/recipe.ts";
import utilLinux from "../util-linux/recipe.ts";
import zstd from "../zstd/recipe.ts";
import { mesonOptions } from "./options.ts";

/** The toolbox brings gperf and python3 with jinja2, pyelftools (boot loader and stub) and pefile (ukify). */
export default recipe({
  name: "systemd",
  summary:
    "Init, udev, network, resolver, journal, boot loader and the tools for partitions, verity and unified kernel images",
  needs: { libs: [cryptsetup, kmod, libseccomp, libucontext, openssl, utilLinux, zstd] },
  build: meson({
    options: ({ version }) => mesonOptions(version),
    after: `test -f /out/usr/lib/systemd/boot/efi/systemd-boot$EFI_ARCH.efi
test -f /out/usr/lib/systemd/boot/efi/linux$EFI_ARCH.efi.stub
# Ours: tells udev's rules which of two equal disks the machine was started from.
$CC $CFLAGS -Wall -Wextra $LDFLAGS -o /out/usr/lib/udev/boot-disk /recipe/boot-disk.c`,
  }),
  // RPATH names the private libraries' place in the OS; here it is another.
  test: ({ version, target }) => `export LD_LIBRARY_PATH=/sysroot/usr/lib/systemd
for program in lib/systemd/systemd bin/systemd-analyze bin/systemd-repart bin/systemd-sysusers bin/systemctl; do
  /sysroot/usr/$program --version > version
  grep -q "^systemd ${version} " version
done
# libfdisk and libblkid are loaded when they are needed.
mkdir repart.d
printf '[Partition]\\nType=linux-generic\\nSizeMinBytes=1M\\n' > repart.d/10-test.conf
/sysroot/usr/bin/systemd-repart --definitions=repart.d --empty=create --size=8M --seed=0d7b6ec0-5ce0-4ad7-9f3a-3a2a8ef9ad34 \\
  --offline=yes --dry-run=no disk
test "$(stat -c %s disk)" = 8388608
PYTHONDONTWRITEBYTECODE=1 python3 /sysroot/usr/bin/ukify --version
$TRIPLE-objdump -h /sysroot/usr/lib/systemd/boot/efi/linux${target.efi}.efi.stub > sections
grep -q '\\.sbat' sections
mkdir efivars
global=8be4df61-93ca-11d2-aa0d-00e098032b8c
printf '\\6\\0\\0\\0\\1\\0' > efivars/BootCurrent-$global
# PciRoot(0)/Pci(4,0)
printf '\\7\\0\\0\\0\\1\\0\\0\\0\\26\\0U\\0\\0\\0\\2\\1\\14\\0\\320\\101\\3\\12\\0\\0\\0\\0\\1\\1\\6\\0\\0\\4\\177\\377\\4\\0' > efivars/Boot0001-$global
boot_disk() { /sysroot/usr/lib/udev/boot-disk "$1" $PWD/efivars; }
test "$(boot_disk /sys/devices/pci0000:00/0000:00:04.0/virtio1/block/vda)" = HADRON_BOOT_DISK=yes
test "$(boot_disk /sys/devices/pci0000:00/0000:00:05.0/virtio2/block/vdb)" = HADRON_BOOT_DISK=no
rm efivars/BootCurrent-$global
test "$(boot_disk /sys/devices/pci0000:00/0000:00:04.0/virtio1/block/vda)" = HADRON_BOOT_DISK=unknown
`,
});
