import { autotools, recipe } from "../../src/recipe/mod.ts";

export default recipe({
  name: "mtools",
  summary: "Reads and writes FAT file systems without mounting them",
  build: autotools({
    configure: ["--disable-floppyd", "--without-x"],
    // One program with many names; the scripts around it are for floppies.
    after: `cd /out/usr/bin && rm -f amuFormat.sh lz mcheck mcomp mxtar tgz uz
test -L mcopy`,
  }),
  test: () => `export MTOOLSRC=/dev/null MTOOLS_SKIP_CHECK=1
truncate -s 2M disk
/sysroot/usr/bin/mformat -i disk -T 4096 -h 2 -s 16 -v TEST ::
echo hello > file
/sysroot/usr/bin/mmd -i disk ::/EFI
/sysroot/usr/bin/mcopy -i disk file ::/EFI/a-longer-name.txt
/sysroot/usr/bin/mtype -i disk ::/EFI/a-longer-name.txt | grep -x hello > /dev/null
`,
});
