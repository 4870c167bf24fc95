import { recipe } from "../../src/recipe/mod.ts";

/** The smallest program that uses the compiler, its libraries and the C library: not a component, so not in `recipes/`. */
export const hello = recipe({
  name: "hello-static",
  summary: "A static program that says what it was built for",
  sources: [],
  build: () => `cat > hello.c <<'END'
#include <stdio.h>
int main(void) {
#if defined(__aarch64__)
  puts("hello from aarch64");
#else
  puts("hello from somewhere else");
#endif
  return 0;
}
END
$CC -O2 -static hello.c -o hello
install -D hello /out/usr/bin/hello-static
`,
  test: () => `$READELF -hW /sysroot/usr/bin/hello-static | grep AArch64 > /dev/null
! $READELF -lW /sysroot/usr/bin/hello-static | grep INTERP > /dev/null
`,
});
