import { recipe, shell } from "../../src/recipe/mod.ts";

/** Built with make: Meson links the library's code into the program once more. */
const variables = "PREFIX=/usr ZSTD_LEGACY_SUPPORT=0 HAVE_ZLIB=0 HAVE_LZMA=0 HAVE_LZ4=0 BACKTRACE=0";

export default recipe({
  name: "zstd",
  summary: "Zstandard compression library and program",
  build: shell(`make -C lib -j$JOBS ${variables} libzstd libzstd.a
make -C programs -j$JOBS ${variables} zstd-dll
make -C lib ${variables} DESTDIR=/out install-pc install-shared install-static install-includes
install -D programs/zstd /out/usr/bin/zstd
ln -s zstd /out/usr/bin/unzstd
ln -s zstd /out/usr/bin/zstdcat`),
  test: () => `head -c 3000000 /sysroot/usr/lib/libc.so > in
/sysroot/usr/bin/zstd -q -T2 -3 in -o packed.zst
/sysroot/usr/bin/zstd -q -d packed.zst -o out
cmp in out
test $(stat -c %s packed.zst) -lt $(stat -c %s in)
cat > test.c <<'END'
#include <string.h>
#include <zstd.h>
int main(void) {
  char in[5000], packed[6000], out[5000];
  memset(in, 'a', sizeof in);
  size_t n = ZSTD_compress(packed, sizeof packed, in, sizeof in, 19);
  return ZSTD_isError(n) || n > 100 || ZSTD_decompress(out, sizeof out, packed, n) != sizeof in || memcmp(in, out, sizeof in);
}
END
$CC -static -o static test.c $(pkg-config --static --cflags --libs libzstd)
./static
`,
});
