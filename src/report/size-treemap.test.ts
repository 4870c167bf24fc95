import fc from "fast-check";
import { expect, it } from "vitest";
import { type Rectangle, squarify } from "./size-treemap.ts";

const frame: Rectangle = { x: 0, y: 0, width: 160, height: 90 };
const area = ({ width, height }: Rectangle): number => width * height;

function overlap(a: Rectangle, b: Rectangle): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return Math.max(0, width) * Math.max(0, height);
}

it("areas are in proportion, nothing overlaps, nothing lies outside, whatever the values", () => {
  const values = fc
    .array(fc.integer({ min: 0, max: 10_000_000 }), { minLength: 1, maxLength: 40 })
    .filter((list) => list.some((value) => value > 0))
    .map((list) => list.sort((a, b) => b - a));
  fc.assert(
    fc.property(values, (list) => {
      const rectangles = squarify(list, frame);
      const total = list.reduce((sum, value) => sum + value, 0);
      const tolerance = area(frame) * 1e-9;
      expect(rectangles).toHaveLength(list.length);
      for (const [index, rectangle] of rectangles.entries()) {
        const wanted = (area(frame) * (list[index] ?? 0)) / total;
        expect(Math.abs(area(rectangle) - wanted)).toBeLessThan(tolerance);
        expect(Math.abs(overlap(rectangle, frame) - area(rectangle))).toBeLessThan(tolerance);
        for (const other of rectangles.slice(index + 1)) expect(overlap(rectangle, other)).toBeLessThan(tolerance);
      }
    }),
  );
});

it("the example of the paper keeps near to squares", () => {
  const rectangles = squarify([6, 6, 4, 3, 2, 2, 1], { x: 0, y: 0, width: 6, height: 4 });
  expect(rectangles.slice(0, 2)).toEqual([
    { x: 0, y: 0, width: 3, height: 2 },
    { x: 0, y: 2, width: 3, height: 2 },
  ]);
  for (const { width, height } of rectangles) expect(Math.max(width / height, height / width)).toBeLessThan(3);
});

it("nothing at all takes no area", () => {
  expect(squarify([], frame)).toEqual([]);
  expect(squarify([0, 0], frame).map(area)).toEqual([0, 0]);
});
