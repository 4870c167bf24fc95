import { recipe } from "../../src/recipe/mod.ts";

export default recipe({
  name: "gen-init-cpio",
  summary: "Makes an initrd's archive from a list of files, with device nodes and without root",
  sources: ["linux"],
  build:
    () => `tar -xf /sources/linux --strip-components=2 --no-same-owner --wildcards --occurrence=1 '*/usr/gen_init_cpio.c'
mkdir -p /out/usr/libexec/hadron
$CC $CFLAGS $LDFLAGS gen_init_cpio.c -o /out/usr/libexec/hadron/gen_init_cpio
`,
  test: () => `echo hello > greeting
cat > list <<'END'
dir /dev 0755 0 0
nod /dev/console 0600 0 0 c 5 1
file /greeting greeting 0644 0 0
slink /init greeting 0777 0 0
END
/sysroot/usr/libexec/hadron/gen_init_cpio -t 0 list > archive
cpio -itv < archive > listing
cat listing
grep -q '^crw------- .* 5, *1 .* dev/console$' listing
grep -q 'init -> greeting$' listing
cpio -i --to-stdout greeting < archive | grep -x hello > /dev/null
`,
});
