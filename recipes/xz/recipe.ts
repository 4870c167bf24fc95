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
`,
});
