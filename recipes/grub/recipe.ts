import { recipe, unpack } from "../../src/recipe/mod.ts";

/**
 * What starting a Linux kernel from a FAT on GPT takes, with what these need of each other (`moddep.lst` of a whole build says so). Most
 * of GRUB's hundreds of modules are for other disks, file systems, systems and screens.
 */
const modules = [
  // Disk, partition table, file system.
  ..."biosdisk part_gpt fat fshelp disk".split(" "),
  // The script: its language, counters in grubenv, the ESP's UUID.
  ..."normal configfile loadenv test echo probe sleep reboot".split(" "),
  ..."boot bufio crypto datetime extcmd gettext net priority_queue terminal".split(" "),
  // The kernel.
  ..."linux mmap relocator vbe video video_fb".split(" "),
  // The console.
  ..."serial terminfo acpi pci".split(" "),
];

const images = ["kernel.img", "boot.img", "diskboot.img", "lzma_decompress.img"];

const programs = ["grub-mkimage", "grub-editenv", "grub-script-check"];

/**
 * GRUB itself runs without an operating system, in 32 bits: what our compiler does by default to guard programs is taken back for it,
 * since it needs a run-time, or room that is not there. The programs are built like any other.
 * Not here: grub-bios-setup, which wants the device that its files are on; what it writes is little (docs/adr/0007-room-for-grub-on-every-disk.md).
 */
export default recipe({
  name: "grub",
  summary: "Boot loader for machines with a BIOS, and the programs that make and count its starts",
  build: ({ name }) => `${unpack(name)}
# Missing in the release; it names a dependency of a module that is not built here.
: > grub-core/extra_deps.lst
export HOST_CFLAGS="$CFLAGS" HOST_LDFLAGS="$LDFLAGS" TARGET_CCASFLAGS=-fcf-protection=none
export TARGET_CFLAGS="-Os -ffile-prefix-map=/build=. -fcf-protection=none -fno-stack-clash-protection -ftrivial-auto-var-init=uninitialized"
# They would come after the target's own.
unset CFLAGS LDFLAGS
CC="$CC -std=gnu11" ./configure --build=$HOST_TRIPLE --host=$TRIPLE --with-platform=pc --prefix=/usr --sysconfdir=/etc \\
  --disable-dependency-tracking --disable-nls --disable-werror --disable-efiemu --disable-grub-themes --disable-grub-mkfont \\
  --disable-grub-mount --disable-device-mapper --disable-libzfs --disable-liblzma || { tail -n 60 config.log; exit 1; }

make -C grub-core/lib/gnulib -j$JOBS CFLAGS="$HOST_CFLAGS"
make -j$JOBS grub_script.tab.h grub_script.yy.h libgrub_a_init.c
make -j$JOBS ${programs.join(" ")}

modules="${modules.join(" ")}"
core() {
  make -C grub-core -j$JOBS MARKER_FILES= MODULE_FILES="$(printf '%s.module ' $modules)" MOD_FILES="$(printf '%s.mod ' $modules)" "$@"
}
core symlist.h rs_decoder.h grub_script.tab.h grub_script.yy.h
core ${images.join(" ")} $(printf '%s.mod ' $modules)

mkdir -p /out/usr/bin /out/usr/lib/grub/i386-pc
cp ${programs.join(" ")} /out/usr/bin/
cd grub-core
cp ${images.join(" ")} $(printf '%s.mod ' $modules) moddep.lst /out/usr/lib/grub/i386-pc/
chmod 644 /out/usr/lib/grub/i386-pc/*
`,
  test: ({ version }) => `cd /sysroot/usr/lib/grub/i386-pc
modules=$(printf '%s ' *.mod)
cd /build
PATH=/sysroot/usr/bin:$PATH
for program in ${programs.join(" ")}; do $program --version | grep -w "${version}" > /dev/null; done
# A start-up image, the same each time; with its first sectors it must fit below the memory that a BIOS keeps for itself.
for image in a b; do
  grub-mkimage -O i386-pc -d /sysroot/usr/lib/grub/i386-pc -p '(,gpt2)/hadron' -o $image \${modules//.mod/}
done
cmp a b
test $(stat -c %s a) -lt 300000
test $(stat -c %s /sysroot/usr/lib/grub/i386-pc/boot.img) = 512
# A block of variables keeps its size, whatever is in it.
grub-editenv block create
grub-editenv block set 'order=a b' tries_a=3
test "$(grub-editenv block list)" = "order=a b
tries_a=3"
grub-editenv block unset tries_a
test "$(grub-editenv block list)" = "order=a b"
test $(stat -c %s block) = 1024
echo 'if [ "$a" = b ]; then echo c; fi' | grub-script-check
status=0
echo 'if [ "$a" = b ]; then echo c' | grub-script-check 2> /dev/null || status=$?
test $status != 0
`,
});
