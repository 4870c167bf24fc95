import type { Target } from "../../src/recipe/mod.ts";
import { recipe } from "../../src/recipe/mod.ts";
import binutils from "../binutils/recipe.ts";
import gcc from "../gcc/recipe.ts";

/**
 * Hardening that holds for every program by default, because it is the compiler that says so. PIE and the strong stack
 * protector were configured into GCC; each option of the compiler can be taken back by its own negation, as the kernel does.
 * Not so the linker's: a `-z` of a component's own makefile must not take away full RELRO.
 */
const specs = ({ arch }: Target): string =>
  [
    arch === "x86_64" ? "%{!fcf-protection*:-fcf-protection}" : "%{!mbranch-protection*:-mbranch-protection=standard}",
    "%{!fno-stack-clash-protection:%{!fstack-clash-protection:-fstack-clash-protection}}",
    "%{!ftrivial-auto-var-init=*:-ftrivial-auto-var-init=zero}",
    "-z now",
  ].join(" ");

export default recipe({
  name: "toolchain",
  summary: "Binutils and GCC as one tree, with our defaults and what Meson and CMake want to know",
  sources: [],
  needs: { trees: [binutils, gcc] },
  bootstrap: true,
  output: "cross",
  build: ({ target }) => `cp -a /needs/binutils/. /out/
cp -a /needs/gcc/. /out/
cat > $(echo /out/lib/gcc/$TRIPLE/*/)specs <<'END'
*self_spec:
+ ${specs(target)}

END
cat > /out/meson.cross <<END
[binaries]
c = '$TRIPLE-gcc'
ar = '$TRIPLE-ar'
nm = '$TRIPLE-nm'
strip = '$TRIPLE-strip'
objcopy = '$TRIPLE-objcopy'
readelf = '$TRIPLE-readelf'
ld = '$TRIPLE-ld'
pkg-config = 'pkg-config'
[properties]
sys_root = '/sysroot'
pkg_config_libdir = '/sysroot/usr/lib/pkgconfig:/sysroot/usr/share/pkgconfig'
needs_exe_wrapper = true
[host_machine]
system = 'linux'
cpu_family = '$ARCH'
cpu = '$ARCH'
endian = 'little'
END
cat > /out/toolchain.cmake <<END
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR $ARCH)
set(CMAKE_C_COMPILER $TRIPLE-gcc)
set(CMAKE_SYSROOT /sysroot)
set(CMAKE_FIND_ROOT_PATH /sysroot)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
END
`,
  test: () => `# Taken elsewhere, it must need nothing of the toolbox.
for program in /cross/bin/* /cross/$TRIPLE/bin/* /cross/lib/gcc/$TRIPLE/*/{cc1,collect2}; do
  if readelf -lW "$program" | grep INTERP; then echo "$program is not static"; exit 1; fi
done
echo 'int f(char *s){char b[64]; __builtin_strcpy(b,s); return b[3];}' > a.c
$TRIPLE-gcc -O2 -S a.c -o a.s
grep -q __stack_chk_fail a.s
if [ $ARCH = x86_64 ]; then grep -q endbr64 a.s; fi
$TRIPLE-gcc -O2 -### a.c 2>&1 | grep -F -e '-fstack-clash-protection' > /dev/null
$TRIPLE-gcc -O2 -### a.c 2>&1 | grep -F -e '-ftrivial-auto-var-init=zero' > /dev/null
$TRIPLE-gcc -### -z noexecstack a.o 2>&1 | grep -E ' "?-z"? "?now"? ' > /dev/null
# Arrays are guarded by the weak protector too; a variable whose address goes elsewhere only by the strong one.
echo 'void g(int *); int f(void){int i = 1; g(&i); return i;}' > b.c
$TRIPLE-gcc -O2 -S b.c -o b.s
grep -q __stack_chk_fail b.s
`,
});
