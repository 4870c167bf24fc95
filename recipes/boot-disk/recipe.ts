import { recipe } from "../../src/recipe/mod.ts";

export default recipe({
  name: "boot-disk",
  summary: "Tells udev's rules which of two equal disks the machine was started from",
  sources: [],
  build: () => `mkdir -p /out/usr/lib/udev
$CC $CFLAGS -Wall -Wextra -Werror $LDFLAGS -o /out/usr/lib/udev/boot-disk /recipe/boot-disk.c
`,
  test: () => `mkdir efivars
global=8be4df61-93ca-11d2-aa0d-00e098032b8c
printf '\\6\\0\\0\\0\\1\\0' > efivars/BootCurrent-$global
# PciRoot(0)/Pci(4,0)
printf '\\7\\0\\0\\0\\1\\0\\0\\0\\26\\0U\\0\\0\\0\\2\\1\\14\\0\\320\\101\\3\\12\\0\\0\\0\\0\\1\\1\\6\\0\\0\\4\\177\\377\\4\\0' > efivars/Boot0001-$global
boot_disk() { /sysroot/usr/lib/udev/boot-disk "$1" $PWD/efivars; }
test "$(boot_disk /sys/devices/pci0000:00/0000:00:04.0/virtio1/block/vda)" = HADRON_BOOT_DISK=yes
test "$(boot_disk /sys/devices/pci0000:00/0000:00:05.0/virtio2/block/vdb)" = HADRON_BOOT_DISK=no
# Another depth: the firmware counts bridges in another way than Linux, as with NVMe below Hyper-V's bus.
test "$(boot_disk /sys/devices/pci0000:00/0000:00:04.0/0000:01:00.0/nvme/nvme0/nvme0n1)" = HADRON_BOOT_DISK=unknown
rm efivars/BootCurrent-$global
test "$(boot_disk /sys/devices/pci0000:00/0000:00:04.0/virtio1/block/vda)" = HADRON_BOOT_DISK=unknown
`,
});
