import { autotools, recipe } from "../../src/recipe/mod.ts";
import utilLinux from "../util-linux/recipe.ts";

/** mke2fs has its configuration built in; /etc/mke2fs.conf would only repeat it. */
export default recipe({
  name: "e2fsprogs",
  summary: "Makes, checks, resizes and tunes ext4",
  needs: { libs: [utilLinux] },
  build: autotools({
    configure: [
      "--enable-elf-shlibs",
      "--enable-symlink-install",
      "--enable-relative-symlinks",
      "--disable-debugfs",
      "--disable-defrag",
      "--disable-fuse2fs",
      "--disable-imager",
      "--disable-libblkid",
      "--disable-libuuid",
      "--disable-uuidd",
      "--disable-fsck",
      "--disable-tdb",
      "--without-libarchive",
      "--without-crond-dir",
      "--without-systemd-unit-dir",
      "--without-udev-rules-dir",
    ],
    install: ["install", "install-libs"],
    after: `rm -rf /out/etc /out/usr/lib/libss.* /out/usr/lib/pkgconfig/ss.pc /out/usr/share/et /out/usr/share/ss
cd /out/usr/bin && rm -f *compile_et *mk_cmds badblocks chattr e2freefrag e2label e2mmpstatus e2scrub* e2undo e4crypt filefrag findfs logsave lsattr mklost+found`,
  }),
  test: () => `truncate -s 8M disk
/sysroot/usr/bin/mkfs.ext4 -q -L test -U 0d7b6ec0-5ce0-4ad7-9f3a-3a2a8ef9ad34 disk
/sysroot/usr/bin/e2fsck -fn disk
/sysroot/usr/bin/resize2fs disk 12M
/sysroot/usr/bin/tune2fs -l disk | grep '^Block count: *12288$' > /dev/null
`,
});
