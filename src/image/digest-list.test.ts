import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareDigests, type DigestList, parseDigests, renderDigests } from "./digest-list.ts";

const [a, b] = ["a".repeat(64), "b".repeat(64)];
const list: DigestList = {
  arch: "x86_64",
  images: new Map([["cloud", "0.1.0"]]),
  artifacts: new Map([
    ["cloud.uki", b],
    ["cloud.docker-archive", a],
  ]),
  steps: new Map([
    ["zlib", a],
    ["cloud:root", b],
  ]),
};
const text = `hadron-digests 1 x86_64
artifact cloud.docker-archive ${a}
artifact cloud.uki ${b}
image cloud 0.1.0
step cloud:root ${b}
step zlib ${a}
`;

describe("a list of digests", () => {
  it("is text in one order, whatever the order in which it was found", () => {
    expect(renderDigests(list)).toBe(text);
    const reversed = <T>(map: ReadonlyMap<string, T>) => new Map([...map].reverse());
    expect(renderDigests({ ...list, artifacts: reversed(list.artifacts), steps: reversed(list.steps) })).toBe(text);
  });

  it("is read as it was written", () => {
    expect(parseDigests(text, "f")).toEqual(list);
    const name = fc.stringMatching(/^[a-z][a-z0-9:.-]{0,10}$/);
    const digests = fc
      .dictionary(name, fc.stringMatching(/^[0-9a-f]{64}$/))
      .map((found) => new Map(Object.entries(found)));
    fc.assert(
      fc.property(digests, digests, (artifacts, steps) => {
        expect(parseDigests(renderDigests({ ...list, artifacts, steps }), "f")).toEqual({ ...list, artifacts, steps });
      }),
      { numRuns: 30 },
    );
  });

  it.each([
    ["nothing", "", "f:1"],
    ["another format", text.replace("digests 1", "digests 2"), "f:1"],
    ["a list without its end", text.slice(0, -1), "f:6"],
    ["half a digest", text.replace(`${b}\nimage`, "b\nimage"), "f:3"],
    ["a line of something else", `${text}signature x y\n`, "f:7"],
    ["a name that comes twice", `${text}step zlib ${b}\n`, "f:7"],
    ["line ends of another system", text.replaceAll("\n", "\r\n"), "f:1"],
  ])("is not taken from %s", (_, damaged, at) => {
    expect(() => parseDigests(damaged, "f")).toThrow(expect.objectContaining({ code: "DIGESTS_INVALID", at }));
  });

  it("says in what another one differs", () => {
    expect(compareDigests(list, list)).toEqual([]);
    const other: DigestList = {
      arch: "aarch64",
      images: new Map([["cloud", "0.2.0"]]),
      artifacts: new Map([["cloud.uki", b]]),
      steps: new Map([...list.steps, ["zlib", b], ["xz", a]]),
    };
    expect(compareDigests(list, other)).toEqual([
      { what: "architecture", name: "", expected: "x86_64", found: "aarch64" },
      { what: "image", name: "cloud", expected: "0.1.0", found: "0.2.0" },
      { what: "artifact", name: "cloud.docker-archive", expected: a, found: undefined },
      { what: "step", name: "xz", expected: undefined, found: a },
      { what: "step", name: "zlib", expected: a, found: b },
    ]);
  });
});
