import { autotools, recipe } from "../../src/recipe/mod.ts";

export default recipe({
  name: "popt",
  summary: "Command-line option parser, for cryptsetup's programs",
  build: autotools(),
  test: () => `cat > test.c <<'END'
#include <popt.h>
int main(void) {
  int number = 0;
  const char *arguments[] = {"test", "--number=42", "rest", 0};
  struct poptOption options[] = {{"number", 'n', POPT_ARG_INT, &number, 0, "a number", 0}, POPT_AUTOHELP POPT_TABLEEND};
  poptContext context = poptGetContext(0, 3, arguments, options, 0);
  return poptGetNextOpt(context) != -1 || number != 42 || !poptPeekArg(context);
}
END
$CC -Wall -o test test.c -lpopt
./test
`,
});
