import { recipe, shell } from "../../src/recipe/mod.ts";

export default recipe({
  name: "lz4",
  summary: "LZ4 compression library",
  build: shell("make -C lib -j$JOBS PREFIX=/usr DESTDIR=/out install"),
  test: () => `cat > test.c <<'END'
#include <lz4.h>
#include <lz4hc.h>
#include <string.h>
int main(void) {
  char in[5000], packed[6000], out[5000];
  memset(in, 'a', sizeof in);
  int n = LZ4_compress_HC(in, packed, sizeof in, sizeof packed, 12);
  return n <= 0 || n > 100 || LZ4_decompress_safe(packed, out, n, sizeof out) != sizeof in || memcmp(in, out, sizeof in);
}
END
$CC -Wall -o test test.c -llz4
./test
$CC -static -o static test.c $(pkg-config --static --cflags --libs liblz4)
./static
`,
});
