import { recipe, unpack } from "../../src/recipe/mod.ts";
import linuxHeaders from "../linux-headers/recipe.ts";
import toolchain from "../toolchain/recipe.ts";

export default recipe({
  name: "musl",
  summary: "C library and dynamic loader",
  needs: { tools: [toolchain], libs: [linuxHeaders] },
  bootstrap: true,
  build: ({ name }) => `${unpack(name)}
CC=$TRIPLE-gcc AR=$TRIPLE-ar RANLIB=$TRIPLE-ranlib CFLAGS="-O2 -ffile-prefix-map=/build=." \\
  ./configure --target=$TRIPLE --prefix=/usr --syslibdir=/usr/lib
make -j$JOBS
make DESTDIR=/out install
# The loader is the library: a relative link, so that it also leads there below /sysroot.
ln -sfn libc.so /out/usr/lib/$LOADER
mkdir -p /out/usr/bin && ln -s ../lib/libc.so /out/usr/bin/ldd
`,
  test: () => `cat > a.c <<'END'
#include <stdio.h>
#include <threads.h>
static _Thread_local int x = 41;
static int run(void *unused) { (void) unused; return ++x; }
int main(void) { thrd_t t; int r = 0; thrd_create(&t, run, 0); thrd_join(t, &r); printf("%d\\n", r); return r != 42; }
END
$TRIPLE-gcc -O2 a.c -o dynamic
$TRIPLE-gcc -O2 -static a.c -o static
if [ $ARCH = x86_64 ]; then ./static; ./dynamic; fi
$TRIPLE-readelf -hW dynamic | grep 'DYN (Position-Independent' > /dev/null
$TRIPLE-readelf -dW dynamic | grep 'BIND_NOW' > /dev/null
$TRIPLE-readelf -lW dynamic | grep "/lib/$LOADER" > /dev/null
`,
});
