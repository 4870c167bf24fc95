import { recipe, staticCompiler, unpack } from "../../src/recipe/mod.ts";

export default recipe({
  name: "binutils",
  summary: "Assembler and linker of the toolchain",
  bootstrap: true,
  output: "cross",
  build: ({ name }) => `${unpack(name)}
mkdir /build/obj && cd /build/obj
CC="${staticCompiler.c}" CXX="${staticCompiler.cxx}" CFLAGS="-O2 -g0" CXXFLAGS="-O2 -g0" ../src/configure --build=$HOST_TRIPLE --host=$HOST_TRIPLE --target=$TRIPLE \\
  --prefix=/cross --with-sysroot=/sysroot --disable-multilib --disable-nls --disable-werror --disable-gdb --disable-gprofng \\
  --disable-gprof --disable-gold --disable-plugins --enable-deterministic-archives --enable-relro --enable-separate-code \\
  --enable-new-dtags --enable-default-hash-style=gnu --disable-default-execstack --without-zstd --without-debuginfod \\
  --with-pkgversion=Hadron --disable-shared --enable-static
make -j$JOBS MAKEINFO=true configure-host
make -j$JOBS MAKEINFO=true all-binutils all-gas all-ld
make MAKEINFO=true DESTDIR=/build/inst install-strip-binutils install-strip-gas install-strip-ld
rm -rf /build/inst/cross/share /build/inst/cross/lib
mv /build/inst/cross/* /out/
`,
  test: () => `$TRIPLE-as --version | grep -F "(Hadron)"
echo 'ret' | $TRIPLE-as -o a.o - && $TRIPLE-ld -shared -o a.so a.o && $TRIPLE-readelf -lW a.so | grep GNU_RELRO
`,
});
