import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson, compareText } from "./canonical-json.ts";

describe("canonicalJson", () => {
  it("sorts keys at every depth, keeps lists in order, leaves undefined out", () => {
    const value = { b: [{ z: 1, a: 2 }, 3], a: { d: null, c: undefined } };
    expect(canonicalJson(value)).toBe('{"a":{"d":null},"b":[{"a":2,"z":1},3]}');
  });

  it("means the same value, and does not depend on the order of keys", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse());
        expect(canonicalJson(reversed)).toBe(canonicalJson(value));
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

describe("compareText", () => {
  it("orders by code units, not as a locale would", () => {
    expect(["ä", "b", "B", "a", "_"].sort(compareText)).toEqual(["B", "_", "a", "b", "ä"]);
  });
});
