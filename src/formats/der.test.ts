import { generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { der, derInteger, derObjectIdentifier, derSequence, derSet, derTag, readDer, readDerValues } from "./der.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

describe("DER", () => {
  it.each([
    ["2.16.840.1.101.3.4.2.3", "0609608648016503040203"],
    ["1.2.840.113549.1.1.13", "06092a864886f70d01010d"],
    ["2.5.29.15", "0603551d0f"],
  ])("writes the object identifier %s as others do", (dotted, octets) => {
    expect(hex(derObjectIdentifier(dotted))).toBe(octets);
  });

  it.each([
    [[], "020100"],
    [[0, 0], "020100"],
    [[0x7f], "02017f"],
    [[0x80], "02020080"],
    [[0, 0, 1, 0], "02020100"],
  ])("writes a number that is never negative, in the fewest octets: %j", (octets, expected) => {
    expect(hex(derInteger(Buffer.from(octets)))).toBe(expected);
  });

  it("sorts a set by its elements' encodings", () => {
    const [one, two] = [derInteger(Buffer.from([1])), derInteger(Buffer.from([2]))];
    expect(hex(derSet(two, one))).toBe(hex(derSet(one, two)));
    expect(hex(derSequence(two, one))).not.toBe(hex(derSequence(one, two)));
  });

  it("reads back what it wrote, of any length", () => {
    // Drawing 70 000 bytes one by one would take far longer than reading them.
    const content = fc
      .tuple(fc.oneof(fc.nat(300), fc.nat(70_000)), fc.uint8Array({ minLength: 1, maxLength: 20 }))
      .map(([length, pattern]) => Buffer.alloc(length, pattern));
    const value = fc.tuple(fc.constantFrom(...Object.values(derTag)), content);
    fc.assert(
      fc.property(fc.array(value, { maxLength: 3 }), (values) => {
        const read = readDerValues(Buffer.concat(values.map(([tag, content]) => der(tag, content))));
        expect(read.map(({ tag }) => tag)).toEqual(values.map(([tag]) => tag));
        const contents = values.map(([, content]) => content);
        expect(read.every(({ content }, index) => contents[index]?.equals(content))).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it("writes what Node wrote, from its parts", () => {
    const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 1024 });
    const spki = publicKey.export({ type: "spki", format: "der" });
    const rebuilt = derSequence(...readDerValues(readDer(spki).content).map(({ whole }) => whole));
    expect(rebuilt.equals(spki)).toBe(true);
  });

  it.each([
    ["nothing", ""],
    ["two values", "05000500"],
    ["an end inside of a value", "040501"],
    ["an end inside of a length", "3082"],
    ["no end at all", "30800000"],
    ["a length in more octets than it takes", "048101aa"],
    ["a tag of several octets", "1f8101"],
  ])("refuses %s", (_, octets) => {
    expect(() => readDer(Buffer.from(octets, "hex"))).toThrow(expect.objectContaining({ code: "DER_INVALID" }));
  });
});
