import { recipe, staticCompiler } from "../../src/recipe/mod.ts";
import binutils from "../binutils/recipe.ts";
import linuxHeaders from "../linux-headers/recipe.ts";

/** What GCC's own run-time libraries are compiled with: the hardening of the toolchain's specs, which do not exist yet. */
const hardening = { x86_64: "-fcf-protection", aarch64: "-mbranch-protection=standard" };

/** Parts of the tarball that a C compiler does not need: half of its 1.3 GB. */
const unused = ["gcc/testsuite/g*", "libgo", "libphobos", "libstdc++-v3", "libsanitizer", "libgfortran", "libada"].map(
  (part) => `gcc-*/${part}`,
);

export default recipe({
  name: "gcc",
  summary: "C compiler of the toolchain, with its run-time libraries",
  sources: ["gcc", "musl"],
  needs: { tools: [binutils], libs: [linuxHeaders] },
  bootstrap: true,
  output: "cross",
  build: ({ target }) => `mkdir src musl sysroot obj objmusl
# The archive holds the compiler's own archive, without the manual; its rule to compare the two is reduced to its stamp.
tar -xf /sources/gcc --wildcards --strip-components=1 '*/gcc-*.tar.xz'
tar -xf gcc-*.tar.xz -C src --strip-components=1 --wildcards ${unused.map((part) => `--exclude='${part}'`).join(" ")}
rm gcc-*.tar.xz
perl -0pi -e 's/(\\ns-tm-texi: build\\/genhooks[^\\n]*\\n).*?\\n\\n/$1\\t\\$(STAMP) \\$\\@\\n\\n/s' src/gcc/Makefile.in
tar -xf /sources/musl -C musl --strip-components=1
cp -a /sysroot/usr sysroot/
make -C musl ARCH=$ARCH prefix=/usr DESTDIR=/build/sysroot install-headers

cd obj
CC="${staticCompiler.c}" CXX="${staticCompiler.cxx}" CFLAGS="-O2 -g0" CXXFLAGS="-O2 -g0" \\
CFLAGS_FOR_TARGET="-O2 -g0 ${hardening[target.arch]} -fstack-clash-protection -ftrivial-auto-var-init=zero -ffile-prefix-map=/build=." \\
../src/configure --build=$HOST_TRIPLE --host=$HOST_TRIPLE --target=$TRIPLE --prefix=/cross --libexecdir=/cross/lib \\
  --with-sysroot=/sysroot --with-build-sysroot=/build/sysroot --with-native-system-header-dir=/usr/include \\
  --enable-languages=c --enable-default-pie --enable-default-ssp --enable-cet=auto --enable-initfini-array \\
  --disable-multilib --disable-bootstrap --disable-nls --disable-lto --disable-plugin --disable-analyzer --disable-gcov \\
  --disable-libssp --disable-libquadmath --disable-libgomp --disable-libsanitizer --disable-libvtv --disable-libitm \\
  --disable-libstdcxx --disable-fixincludes --disable-werror --with-pkgversion=Hadron --enable-checking=release --without-zstd --without-isl
make -j$JOBS MAKEINFO=true all-gcc
# libgcc wants a C library to link the shared one, which wants libgcc: static first, then musl, then all of it.
make -j$JOBS all-target-libgcc enable_shared=no
cd ../objmusl
CC="/build/obj/gcc/xgcc -B/build/obj/gcc/" AR=$TRIPLE-ar RANLIB=$TRIPLE-ranlib LIBCC=/build/obj/$TRIPLE/libgcc/libgcc.a \\
  ../musl/configure --target=$TRIPLE --prefix=/usr --syslibdir=/usr/lib
make -j$JOBS
make DESTDIR=/build/sysroot install
cd ../obj
rm -rf $TRIPLE/libgcc
make -j$JOBS all-target-libgcc
make -j$JOBS all-target-libatomic
make MAKEINFO=true DESTDIR=/build/inst install-strip-gcc install-target-libgcc install-target-libatomic

cd /build/inst/cross
rm -rf share include lib/gcc/$TRIPLE/*/install-tools lib/gcc/$TRIPLE/*/include-fixed/README bin/*gcov* bin/*-gcc-16* bin/*-gcc-ar bin/*-gcc-nm bin/*-gcc-ranlib
[ ! -d $TRIPLE/lib64 ] || { mkdir -p $TRIPLE/lib; cp -a $TRIPLE/lib64/. $TRIPLE/lib/; rm -rf $TRIPLE/lib64; }
find . -name '*.la' -delete
mv * /out/
`,
  test: () => `$TRIPLE-gcc --version | grep -F "(Hadron)"
echo 'int f(int x){return x*2;}' > a.c
$TRIPLE-gcc -O2 -S a.c -o - | grep 'f:' > /dev/null
ls /cross/$TRIPLE/lib/libgcc_s.so.1 /cross/$TRIPLE/lib/libatomic.so.1
`,
});
