import { expect, test } from "vitest";
import { parsePackagesIndex, parseRelations } from "./packages-index.ts";
import { solveClosure } from "./solve.ts";

/** `name version; Field: value; …` a line. */
function index(lines: string) {
  const stanzas = lines
    .trim()
    .split("\n")
    .map((line) => {
      const [head = "", ...fields] = line.trim().split("; ");
      const [name, version] = head.split(" ");
      const rest = {
        Package: name,
        Version: version ?? "1",
        Filename: `pool/main/${name}.deb`,
        SHA256: "0".repeat(64),
        Size: "1",
      };
      return [...Object.entries(rest).map(([field, value]) => `${field}: ${value}`), ...fields].join("\n");
    });
  return parsePackagesIndex(`${stanzas.join("\n\n")}\n`);
}

function solve(lines: string, ...wanted: string[]): string {
  return solveClosure(index(lines), wanted)
    .map(({ name }) => name)
    .join(" ");
}

test("takes dependencies and pre-dependencies of dependencies, in cycles too, and nothing that is only recommended", () => {
  const lines = `
    a; Depends: b (>= 1), c; Recommends: z
    b; Pre-Depends: d
    c; Depends: a
    d
    z`;
  expect(solve(lines, "a")).toBe("a b c d");
});

test("takes of alternatives what is in already, else the first that exists", () => {
  const lines = `
    a; Depends: gone | x | y
    b; Depends: x | y
    x
    y`;
  expect(solve(lines, "a")).toBe("a x");
  expect(solve(lines, "b", "y")).toBe("b y");
});

test("takes a provider for a virtual package, the first by name, and minds versions of provides", () => {
  const lines = `
    a; Depends: mail
    b; Depends: lib (>= 2)
    postfix; Provides: mail
    exim; Provides: mail
    lib-old; Provides: lib (= 1)
    lib-unversioned; Provides: lib
    lib-z; Provides: lib (= 2.1)`;
  expect(solve(lines, "a")).toBe("a exim");
  expect(solve(lines, "a", "postfix")).toBe("a postfix");
  expect(solve(lines, "b")).toBe("b lib-z");
});

test("takes the newest of several versions, whatever the order of the index", () => {
  const versions = ["a 1.9", "a 1.10", "a 1.10~rc1"];
  for (const lines of [versions, versions.toReversed()]) {
    expect(solveClosure(index(lines.join("\n")), ["a"])[0]?.version).toBe("1.10");
  }
});

test("says what can't be had and why it is needed", () => {
  expect(() => solve("a; Depends: b\nb; Depends: c (>= 3) | d\nc 2", "a")).toThrow(
    'No package of the archive is "c (>= 3) | d", needed by b, needed by a',
  );
  expect(() => solve("a", "nosuch")).toThrow('No package of the archive is "nosuch"');
});

test("reads relations with qualifiers and restrictions", () => {
  expect(parseRelations("python3:any (>= 3.7~), libc6 (<< 3) | x [amd64],\n y")).toEqual([
    [{ name: "python3", operator: ">=", version: "3.7~" }],
    [{ name: "libc6", operator: "<<", version: "3" }, { name: "x" }],
    [{ name: "y" }],
  ]);
});
