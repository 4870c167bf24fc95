import { cmake, recipe } from "../../src/recipe/mod.ts";

/** One program with the engine in it: nothing else here embeds it. Assertions are off, as in upstream's releases. */
export default recipe({
  name: "quickjs-ng",
  summary: "JavaScript interpreter qjs, which runs the node's hadron command",
  build: cmake({
    options: { BUILD_SHARED_LIBS: false, CMAKE_C_FLAGS_NONE: "-DNDEBUG" },
    after: "rm -rf /out/usr/include /out/usr/lib /out/usr/share /out/usr/bin/qjsc",
  }),
  test: ({ version }) => `qjs=/sysroot/usr/bin/qjs
test "$($qjs --version)" = ${version}
status=0
$qjs /recipe/test-main.mjs one > out || status=$?
test $status = 3
test "$(cat out)" = '{"args":["one"],"first":"größe","big":"18446744073709551617"}'
if $qjs -e 'throw new Error("test")' 2> error; then exit 1; fi
grep 'Error: test' error > /dev/null
`,
});
