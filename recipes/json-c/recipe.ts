import { cmake, recipe } from "../../src/recipe/mod.ts";

export default recipe({
  name: "json-c",
  summary: "JSON library, for the metadata of LUKS2",
  build: cmake({
    static: true,
    options: { BUILD_STATIC_LIBS: true, BUILD_APPS: false, BUILD_TESTING: false, DISABLE_EXTRA_LIBS: true },
  }),
  test: () => `cat > test.c <<'END'
#include <json-c/json.h>
#include <string.h>
int main(void) {
  struct json_object *object = json_tokener_parse("{\\"a\\": [1, 2, 3]}");
  if (!object || strcmp(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN), "{\\"a\\":[1,2,3]}")) return 1;
  return json_tokener_parse("{\\"a\\": ") != 0;
}
END
$CC -Wall -o test test.c $(pkg-config --cflags --libs json-c)
./test
$CC -static -o static test.c $(pkg-config --static --cflags --libs json-c)
./static
`,
});
