import { recipe } from "../../src/recipe/mod.ts";

/**
 * musl declares getcontext() and its family without having them; systemd starts its fibres with them. A static library,
 * position independent and with hidden symbols: a kilobyte inside libsystemd instead of one more file that every process maps.
 */
export default recipe({
  name: "libucontext",
  summary: "getcontext, setcontext, makecontext and swapcontext for musl",
  sources: [],
  build: () => `$CC $CFLAGS -std=c11 -Wall -Wextra -Werror -fPIC -fvisibility=hidden -c /recipe/context.c -o context.o
$CC -c /recipe/$ARCH.S -o registers.o
mkdir -p /out/usr/lib/pkgconfig
$AR rcsD /out/usr/lib/libucontext.a context.o registers.o
cp /recipe/libucontext.pc /out/usr/lib/pkgconfig/
`,
  test: () => `$CC -O2 -Wall -Werror /recipe/test.c $(pkg-config --libs libucontext) -o test
if [ $ARCH = x86_64 ]; then ./test; fi
# Fit for a shared library, with a stack that is not executable and nothing exported.
$CC -shared -Wl,-z,text,--fatal-warnings,--whole-archive -lucontext -Wl,--no-whole-archive -o whole.so
$READELF -lW whole.so | grep GNU_STACK | grep ' RW ' > /dev/null
if $READELF --dyn-syms -W whole.so | grep context; then exit 1; fi
`,
});
