import { cmake, recipe } from "../../src/recipe/mod.ts";

/** The programs are C++, which the toolchain does not have. */
export default recipe({
  name: "nghttp2",
  summary: "HTTP/2 library, for curl",
  build: cmake({
    static: true,
    options: {
      ENABLE_LIB_ONLY: true,
      BUILD_STATIC_LIBS: true,
      ENABLE_DOC: false,
      ENABLE_FAILMALLOC: false,
      BUILD_TESTING: false,
    },
  }),
  test: () => `cat > test.c <<'END'
#include <nghttp2/nghttp2.h>
#include <string.h>
int main(void) {
  nghttp2_nv field = { (uint8_t *) "name", (uint8_t *) "some value", 4, 10, 0 }, out;
  nghttp2_hd_deflater *deflater;
  nghttp2_hd_inflater *inflater;
  uint8_t packed[100];
  int flags = 0;
  if (nghttp2_hd_deflate_new(&deflater, 4096) || nghttp2_hd_inflate_new(&inflater)) return 1;
  nghttp2_ssize size = nghttp2_hd_deflate_hd2(deflater, packed, sizeof packed, &field, 1);
  if (size <= 0 || nghttp2_hd_inflate_hd3(inflater, &out, &flags, packed, size, 1) != size) return 2;
  return !(flags & NGHTTP2_HD_INFLATE_EMIT) || strcmp((char *) out.name, "name") || strcmp((char *) out.value, "some value");
}
END
$CC -Wall -o test test.c $(pkg-config --cflags --libs libnghttp2)
./test
$CC -static -o static test.c $(pkg-config --static --cflags --libs libnghttp2)
./static
`,
});
