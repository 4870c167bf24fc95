import { recipe, shell } from "../../src/recipe/mod.ts";

export default recipe({
  name: "zlib",
  summary: "Deflate compression library",
  build: shell(`CHOST=$TRIPLE ./configure --prefix=/usr --libdir=/usr/lib --sharedlibdir=/usr/lib --shared
make -j$JOBS
make DESTDIR=/out install
install -D minigzipsh /out/usr/libexec/hadron/minigzip`),
  test: () => `cat > test.c <<'END'
#include <string.h>
#include <zlib.h>
int main(void) {
  unsigned char in[5000], packed[6000], out[5000];
  uLongf n = sizeof packed, m = sizeof out;
  memset(in, 'a', sizeof in);
  return compress(packed, &n, in, sizeof in) || n > 100 || uncompress(out, &m, packed, n) || m != sizeof in || memcmp(in, out, m);
}
END
$CC -Wall -o test test.c -lz
./test
$CC -static -o static test.c $(pkg-config --static --cflags --libs zlib)
./static
/sysroot/usr/libexec/hadron/minigzip -9 < test.c > test.c.gz
gzip -dc test.c.gz | cmp - test.c
`,
});
