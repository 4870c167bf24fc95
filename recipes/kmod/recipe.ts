import { meson, recipe } from "../../src/recipe/mod.ts";

/** Without decompressors: modules lie uncompressed in an image that is compressed as a whole. */
export default recipe({
  name: "kmod",
  summary: "Loads kernel modules: library, modprobe, depmod and their kin",
  build: meson({
    options: {
      moduledir: "/usr/lib/modules",
      zstd: "disabled",
      xz: "disabled",
      zlib: "disabled",
      openssl: "disabled",
      manpages: false,
      bashcompletiondir: "no",
      fishcompletiondir: "no",
      zshcompletiondir: "no",
    },
    after: "rm -rf /out/etc",
  }),
  test: ({ version }) => `/sysroot/usr/bin/kmod --version | grep "version ${version}" > /dev/null
mkdir -p root/usr/lib/modules/1.0
/sysroot/usr/bin/depmod -b root 1.0
test -s root/usr/lib/modules/1.0/modules.dep.bin
`,
});
