import { autotools, recipe } from "../../src/recipe/mod.ts";

export default recipe({
  name: "dosfstools",
  summary: "Makes, checks and labels FAT file systems: the ESP",
  build: autotools({ configure: ["--enable-compat-symlinks"] }),
  test: () => `for disk in a b; do
  truncate -s 34M $disk
  /sysroot/usr/bin/mkfs.vfat -F 32 -n ESP -i 12345678 $disk
done
cmp a b
/sysroot/usr/bin/fsck.vfat -n a
`,
});
