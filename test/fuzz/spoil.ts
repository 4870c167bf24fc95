import fc from "fast-check";
import { outside } from "./box.ts";

/** One change of a good input. Places are fractions of its length, so that they fit after other changes. */
type Change =
  | { kind: "set"; at: number; byte: number }
  | { kind: "flip"; at: number; bit: number }
  | { kind: "word"; at: number; bytes: readonly number[] }
  | { kind: "remove"; at: number; length: number }
  | { kind: "repeat"; at: number; length: number; times: number }
  | { kind: "insert"; at: number; bytes: Uint8Array }
  | { kind: "cut"; at: number };

const place = fc.double({ min: 0, max: 1, noNaN: true });
const length = fc.oneof(fc.nat(8), fc.nat(600));
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({
    kind: fc.constant("set" as const),
    at: place,
    byte: fc.constantFrom(0, 0x20, 0x2d, 0x39, 0x7f, 0x80, 0xff),
  }),
  fc.record({ kind: fc.constant("flip" as const), at: place, bit: fc.nat(7) }),
  fc.record({ kind: fc.constant("remove" as const), at: place, length }),
  fc.record({ kind: fc.constant("repeat" as const), at: place, length, times: fc.integer({ min: 1, max: 40 }) }),
  fc.record({
    kind: fc.constant("word" as const),
    at: place,
    bytes: fc.constantFrom(
      [0, 0, 0, 0],
      [255, 255, 255, 255],
      [240, 255, 255, 255],
      [0, 0, 0, 128],
      [255, 255, 255, 127],
    ),
  }),
  fc.record({
    kind: fc.constant("insert" as const),
    at: place,
    bytes: fc.oneof(
      fc.uint8Array({ maxLength: 16 }),
      fc.constantFrom("99999999999", "-1", "../", "\0", "\n\n", "\r\n", '"', "%s").map((text) => Buffer.from(text)),
    ),
  }),
  fc.record({ kind: fc.constant("cut" as const), at: place }),
);

function apply(bytes: Buffer, one: Change): Buffer {
  const at = Math.min(bytes.length, Math.floor(one.at * bytes.length));
  const copy = Buffer.from(bytes);
  const [before, after] = [copy.subarray(0, at), copy.subarray(at)];
  switch (one.kind) {
    case "set":
      if (at < copy.length) copy[at] = one.byte;
      return copy;
    case "flip":
      if (at < copy.length) copy[at] = (copy[at] ?? 0) ^ (1 << one.bit);
      return copy;
    case "word":
      return Buffer.concat([before, Buffer.from(one.bytes), after.subarray(one.bytes.length)]);
    case "remove":
      return Buffer.concat([before, after.subarray(one.length)]);
    case "repeat":
      return Buffer.concat([before, ...Array.from({ length: one.times }, () => after.subarray(0, one.length)), after]);
    case "insert":
      return Buffer.concat([before, one.bytes, after]);
    case "cut":
      return before;
  }
}

/** A good input with a few changes; a good one as it is; or bytes of no kind. */
export function spoiled(samples: readonly Buffer[]): fc.Arbitrary<Buffer> {
  return fc.oneof(
    { weight: 8, arbitrary: spoiledOf(fc.constantFrom(...samples)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)) },
  );
}

/** The same, of inputs that vary themselves. */
export function spoiledOf(good: fc.Arbitrary<Buffer>): fc.Arbitrary<Buffer> {
  return fc
    .tuple(good, fc.array(change, { maxLength: 5 }))
    .map(([bytes, changes]) => changes.reduce((spoilt, one) => apply(spoilt, one), bytes));
}

export function spoiledText(samples: readonly string[]): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 8, arbitrary: spoiled(samples.map((sample) => Buffer.from(sample))).map((bytes) => bytes.toString()) },
    { weight: 1, arbitrary: fc.string({ maxLength: 300, unit: "binary" }) },
  );
}

/** What stands where something else was expected. */
const hostile: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown[]>(
    ...[null, true, 0, -1, 0.5, 2 ** 53, 1e308, "", "..", "../../x", `${outside}/planted`, "sha256:../../x", "a\0b"],
    ...["constructor", "__proto__"],
    ...[[], {}, [[]], [null], { digest: null }, JSON.parse('{"__proto__": {"digest": "x"}, "constructor": 1}')],
    ...["x".repeat(70_000), Array.from({ length: 300 }, () => ({}))],
  ),
  fc.jsonValue({ maxDepth: 2 }),
);

type Path = (string | number)[];

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (value === null || typeof value !== "object") return [path];
  const children = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [path, ...children.flatMap(([key, inner]) => pathsOf(inner, [...path, key]))];
}

/** A copy in which the value at the path is what `change` makes of it; undefined removes it. */
function changed(value: unknown, [key, ...rest]: Path, by: (old: unknown) => unknown): unknown {
  if (key === undefined) return by(value);
  if (Array.isArray(value))
    return value.flatMap((inner, index) =>
      index === key ? [changed(inner, rest, by)].filter((it) => it !== undefined) : [inner],
    );
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, name === key ? changed(inner, rest, by) : inner]),
  );
}

/** JSON of the shape of a sample with other things at some places, or damaged as a text. */
export function spoiledJson(samples: readonly unknown[]): fc.Arbitrary<string> {
  const edit = fc.record({ which: fc.nat(), by: fc.oneof(hostile, fc.constant(undefined)) });
  const shaped = fc.tuple(fc.constantFrom(...samples), fc.array(edit, { maxLength: 3 })).map(([sample, edits]) => {
    const value = edits.reduce<unknown>((spoilt, { which, by }) => {
      const paths = pathsOf(spoilt);
      return changed(spoilt, paths[which % paths.length] ?? [], () => by);
    }, sample);
    return JSON.stringify(value) ?? "";
  });
  const deep = fc.constantFrom("[".repeat(50_000), '{"a":'.repeat(20_000), `${"[".repeat(9_000)}${"]".repeat(9_000)}`);
  return fc.oneof(
    { weight: 12, arbitrary: shaped },
    { weight: 3, arbitrary: spoiledText(samples.map((sample) => JSON.stringify(sample))) },
    { weight: 1, arbitrary: deep },
  );
}
