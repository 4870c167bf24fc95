import { recipe } from "../../src/recipe/mod.ts";

/**
 * glibc has argp, musl has not, and crun parses its command line with it. A static library: two kilobytes in the one program
 * that uses it. It has what crun needs of argp; argp.h says what that is.
 */
export default recipe({
  name: "argp",
  summary: "argp_parse, glibc's parser of command lines, for crun",
  sources: [],
  build: () => `$CC $CFLAGS -std=c11 -Wall -Wextra -Werror -fPIC -c /recipe/argp.c -o argp.o
mkdir -p /out/usr/lib /out/usr/include
$AR rcsD /out/usr/lib/libargp.a argp.o
cp /recipe/argp.h /out/usr/include/
`,
  test: () => `$CC $CFLAGS -std=c11 -Wall -Wextra -Werror /recipe/test.c -largp -o test
if [ $ARCH != x86_64 ]; then exit 0; fi
# expect OUTPUT WORD... compares what the parser was given.
expect() {
  local want=$1
  shift
  local got=$(./test "$@")
  test "\${got% }" = "$want" || { echo "$*: \\"$got\\" instead of \\"$want\\""; exit 1; }
}
# refused WORD...: exit status EX_USAGE and a hint, nothing on stdout.
refused() {
  local status=0
  ./test "$@" > out 2> err || status=$?
  test $status = 64 && test ! -s out && grep -F "Try \\\`test --help'" err > /dev/null || { echo "$*: status $status"; exit 1; }
}
expect none
expect "f none" -f
expect "f first=run" --force run -f
expect "f o=json first=list" -fo json list
expect "o=json none" -ojson
expect "o=json none" --format=json
expect "o=json none" --format json
expect "o= none" --format=
expect "o=-f none" -o -f
expect "t none" -t
expect "t=no none" -tno
expect "t first=no" --tty no
expect "t=no none" --tty=no
expect "v V none" -v -V
expect "f none" --forc
expect "f first=-f" -f -- -f
expect "first=-" - -f
expect "next=word first=rest" --next word rest
expect "error=1" --fail rest
refused --nonsense
refused -x
refused --fo
refused --force=yes
refused --format
refused -o
refused --lost
test "$(./test alone)" = "none "
status=0
./test alone more 2> err || status=$?
test $status = 64 && grep -F "Too many arguments" err > /dev/null
./test --help > help
grep -x "Usage: test \\[OPTION...\\] COMMAND" help > /dev/null
grep -x "  -f, --force                do it anyway" help > /dev/null
grep -x "  -o, --format=FORMAT        the output's form" help > /dev/null
grep -x "  -t, --tty\\[=TTY\\]            a terminal" help > /dev/null
grep -x "  -v, -V, --version" help > /dev/null
grep -x "  -?, --help                 give this help list" help > /dev/null
grep -x "Report bugs to https://example.org/issues." help > /dev/null
`,
});
