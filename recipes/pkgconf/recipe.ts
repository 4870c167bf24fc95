import { autotools, recipe } from "../../src/recipe/mod.ts";

/** As pkg-config and alone: the program has its library inside. */
export default recipe({
  name: "pkgconf",
  summary: "Tells a build how to compile and link with a library, for the toolchain image",
  build: autotools({
    configure: [
      "--enable-static",
      "--disable-shared",
      "--with-pkg-config-dir=/usr/lib/pkgconfig:/usr/share/pkgconfig",
      "--with-system-includedir=/usr/include",
      "--with-system-libdir=/usr/lib:/lib",
    ],
    after: `rm -r /out/usr/include /out/usr/lib
ln -s pkgconf /out/usr/bin/pkg-config`,
  }),
  test: ({ version }) => `unset PKG_CONFIG_LIBDIR PKG_CONFIG_SYSROOT_DIR
mkdir pc
cat > pc/inner.pc <<'END'
Name: inner
Description: What the other needs
Version: 2
Libs: -L/usr/lib -linner
END
cat > pc/outer.pc <<'END'
prefix=/opt/outer
Name: outer
Description: What is asked for
Version: 1.5
Requires.private: inner
Cflags: -I\${prefix}/include -I/usr/include
Libs: -L\${prefix}/lib -louter
END
# is WANT WORD...: what it says, without white space at the end.
is() {
  local want=$1
  shift
  local got=$(PKG_CONFIG_PATH=pc /sysroot/usr/bin/pkg-config "$@")
  test "\${got% }" = "$want" || { echo "$*: \\"$got\\" instead of \\"$want\\""; exit 1; }
}
is "${version}" --version
is "-I/opt/outer/include" --cflags outer
is "-L/opt/outer/lib -louter" --libs outer
is "-L/opt/outer/lib -louter -linner" --static --libs outer
is 1.5 --modversion "outer >= 1.4"
is /usr/lib/pkgconfig:/usr/share/pkgconfig --variable pc_path pkg-config
if PKG_CONFIG_PATH=pc /sysroot/usr/bin/pkg-config --exists "outer >= 2"; then exit 1; fi
if /sysroot/usr/bin/pkg-config --exists outer; then exit 1; fi
`,
});
