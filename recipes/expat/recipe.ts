import { cmake, recipe } from "../../src/recipe/mod.ts";

export default recipe({
  name: "expat",
  summary: "XML parser, for dbus-daemon's configuration",
  build: cmake({
    subdir: "expat",
    options: {
      EXPAT_BUILD_TOOLS: false,
      EXPAT_BUILD_EXAMPLES: false,
      EXPAT_BUILD_TESTS: false,
      EXPAT_BUILD_DOCS: false,
    },
  }),
  test: () => `cat > test.c <<'END'
#include <expat.h>
#include <string.h>
static int elements;
static void start(void *unused, const char *name, const char **attributes) { (void) unused; (void) name; (void) attributes; elements++; }
int main(void) {
  const char *good = "<a><b c='d'/></a>", *bad = "<a><b></a>";
  XML_Parser parser = XML_ParserCreate(0);
  XML_SetStartElementHandler(parser, start);
  if (XML_Parse(parser, good, strlen(good), 1) != XML_STATUS_OK || elements != 2) return 1;
  XML_ParserReset(parser, 0);
  return XML_Parse(parser, bad, strlen(bad), 1) != XML_STATUS_ERROR;
}
END
$CC -Wall -o test test.c -lexpat
./test
`,
});
