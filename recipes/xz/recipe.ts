import { autotools, recipe } from "../../src/recipe/mod.ts";

export default recipe({
  name: "xz",
  summary: "LZMA compression library and xz",
  build: autotools({
    static: true,
    configure: [
      "--disable-xzdec",
      "--disable-lzmadec",
      "--disable-lzmainfo",
      "--disable-lzma-links",
      "--disable-scripts",
      "--disable-doc",
    ],
  }),
  test: () => `head -c 500000 /sysroot/usr/lib/libc.so > in
/sysroot/usr/bin/xz -k -1 in
/sysroot/usr/bin/xz -dc in.xz | cmp - in
cat > test.c <<'END'
#include <lzma.h>
#include <string.h>
int main(void) {
  unsigned char in[5000], packed[6000], out[5000];
  size_t n = 0, read = 0, m = 0;
  uint64_t memory = UINT64_MAX;
  memset(in, 'a', sizeof in);
  if (lzma_easy_buffer_encode(6, LZMA_CHECK_CRC64, 0, in, sizeof in, packed, &n, sizeof packed) || n > 200) return 1;
  return lzma_stream_buffer_decode(&memory, 0, 0, packed, &read, n, out, &m, sizeof out) || m != sizeof in || memcmp(in, out, m);
}
END
$CC -static -o static test.c $(pkg-config --static --cflags --libs liblzma)
./static
`,
});
