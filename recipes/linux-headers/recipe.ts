import { recipe, unpack } from "../../src/recipe/mod.ts";

export default recipe({
  name: "linux-headers",
  summary: "The kernel's interface for programs, as C headers",
  sources: ["linux"],
  bootstrap: true,
  build: () => `${unpack("linux")}
make -j$JOBS ARCH=$KERNEL_ARCH INSTALL_HDR_PATH=/out/usr headers_install
find /out/usr/include ! -type d ! -name '*.h' -delete
`,
  test: () => `test -f /sysroot/usr/include/linux/version.h
echo '#include <linux/fs.h>' | gcc -nostdinc -isystem /sysroot/usr/include -fsyntax-only -x c -
`,
});
