import { meson, recipe } from "../../src/recipe/mod.ts";
import zstd from "../zstd/recipe.ts";

/** Modules are packed by zstd, which is loaded where the kernel does not unpack them itself: an initrd without modules needs none. */
export default recipe({
  name: "kmod",
  summary: "Loads kernel modules: library, modprobe, depmod and their kin",
  needs: { libs: [zstd] },
  build: meson({
    options: {
      moduledir: "/usr/lib/modules",
      zstd: "enabled",
      dlopen: "zstd",
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
