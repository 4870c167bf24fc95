import { autotools, recipe } from "../../src/recipe/mod.ts";
import lz4 from "../lz4/recipe.ts";
import utilLinux from "../util-linux/recipe.ts";

export default recipe({
  name: "erofs-utils",
  summary: "Makes, checks and shows erofs images",
  needs: { libs: [lz4, utilLinux] },
  build: autotools({
    before: "autoreconf -fi",
    // The largest block size, wherever it is built: an image of 4 KiB blocks is the same with either.
    env: { MAX_BLOCK_SIZE: "16384" },
    configure: [
      "--enable-lz4",
      "--with-uuid",
      "--disable-lzma",
      "--disable-fuse",
      "--disable-oci",
      "--disable-s3",
      "--disable-ublk",
      "--disable-fanotify",
      "--without-zlib",
      "--without-libdeflate",
      "--without-libzstd",
      "--without-qpl",
      "--without-xxhash",
      "--without-libcurl",
      "--without-openssl",
      "--without-libxml2",
      "--without-json-c",
      "--without-libnl3",
      "--without-selinux",
    ],
    // mount(8) would run it for every erofs.
    after: "rm -f /out/usr/bin/mount.erofs",
  }),
  test: () => `mkdir tree && head -c 300000 /sysroot/usr/lib/libc.so > tree/file && ln -s file tree/link
tar --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 -cf tree.tar -C tree .
for image in a b; do
  /sysroot/usr/bin/mkfs.erofs --quiet -zlz4hc,12 -C65536 -T0 -U 0d7b6ec0-5ce0-4ad7-9f3a-3a2a8ef9ad34 --tar=f $image tree.tar
done
cmp a b
/sysroot/usr/bin/fsck.erofs --extract=out a
cmp tree/file out/file
/sysroot/usr/bin/dump.erofs --cat --path=/file a | cmp - tree/file
`,
});
