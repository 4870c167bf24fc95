import { recipe } from "../../src/recipe/mod.ts";

export default recipe({
  name: "boot-disk",
  summary: "Tells udev's rules which disk the machine was started from",
  sources: [],
  build: () => `mkdir -p /out/usr/lib/udev
for program in boot-disk has-partition; do
  $CC $CFLAGS -Wall -Wextra -Werror $LDFLAGS -o /out/usr/lib/udev/$program /recipe/$program.c
done
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

# A GPT of one entry, at either end of a disk of 64 sectors. has_partition FILE UUID: the exit status.
has_partition() { local status=0; /sysroot/usr/lib/udev/has-partition "$@" 2> /dev/null || status=$?; echo $status; }
write() { printf "$3" | dd of=$1 bs=1 seek=$2 conv=notrunc status=none; }
header='EFI PART'
uuid='\\x78\\x56\\x34\\x12\\xbc\\x9a\\xf0\\xde\\x01\\x23\\x45\\x67\\x89\\xab\\xcd\\xef'
for disk in first last; do
  truncate -s 32768 $disk
  at=512 entries=2
  [ $disk = first ] || { at=32256 entries=40; }
  write $disk $at "$header"
  write $disk $((at + 72)) "\\x$(printf %x $entries)"
  write $disk $((at + 80)) '\\x01\\x00\\x00\\x00\\x80'
  write $disk $((entries * 512 + 16)) "$uuid"
  test "$(has_partition $disk 12345678-9ABC-def0-0123-456789abcdef)" = 0
  test "$(has_partition $disk 12345678-9abc-def0-0123-456789abcdee)" = 1
done
test "$(has_partition /dev/null 12345678-9abc-def0-0123-456789abcdef)" = 1
test "$(has_partition first 12345678)" = 2
test "$(has_partition first 12345678-9abc-def0-0123-456789abcdef0)" = 2
test "$(has_partition missing 12345678-9abc-def0-0123-456789abcdef)" = 2
`,
});
