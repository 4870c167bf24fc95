import { expect, it } from "vitest";
import { renderFacts, renderTable } from "./table.ts";

const evil = "\x1b[31m\x9b2J\b\n\n";

it("a table has one line for each row, whatever is in it, as wide as what is seen", () => {
  expect(renderTable(["NAME", "KIND"], [[`a${evil}b`, `x${evil}`], ["c"]])).toBe("NAME  KIND\na b   x\nc\n");
});

it("facts are lines of name and value, whatever is in them", () => {
  expect(renderFacts({ [`a${evil}b`]: `x${evil}y`, c: ["1", `2${evil}3`], d: undefined, e: "", f: 4, g: [] })).toBe(
    "a b  x y\nc    1\n     2 3\nf    4\ng    -\n",
  );
});
