export interface Rectangle {
  x: number;
  y: number;
  width: number;
  height: number;
}

/**
 * Cuts a rectangle into one for each value, with areas in proportion to the values and as near to squares as may be: Bruls,
 * Huizing and van Wijk, "Squarified Treemaps" (2000). It is greedy, so largest first gives the best shapes.
 * @param values None below zero
 */
export function squarify(values: readonly number[], into: Rectangle): Rectangle[] {
  const total = values.reduce((sum, value) => sum + value, 0);
  const scale = total === 0 ? 0 : (into.width * into.height) / total;
  const placed: Rectangle[] = [];
  let free = into;
  for (let start = 0; start < values.length; ) {
    const side = Math.min(free.width, free.height);
    const shape = (end: number) => worstRatio(values.slice(start, end), (side * side) / scale);
    let end = start + 1;
    for (let now = shape(end); end < values.length; end++) {
      const then = shape(end + 1);
      if (then > now) break;
      now = then;
    }
    const row = values.slice(start, end).map((value) => value * scale);
    const { rectangles, rest } = layRow(row, free);
    placed.push(...rectangles);
    free = rest;
    start = end;
  }
  return placed;
}

/**
 * The largest ratio of two sides among the rectangles of a row.
 * @param square The area of the square on the side that the row lies along, in the unit of the values
 */
function worstRatio(row: readonly number[], square: number): number {
  const sum = row.reduce((all, value) => all + value, 0);
  const least = Math.min(...row);
  if (least === 0) return Number.POSITIVE_INFINITY;
  return Math.max((square * Math.max(...row)) / sum ** 2, sum ** 2 / (square * least));
}

/** Puts a row of areas along the shorter side of what is free. */
function layRow(areas: readonly number[], free: Rectangle): { rectangles: Rectangle[]; rest: Rectangle } {
  const area = areas.reduce((sum, one) => sum + one, 0);
  const isColumn = free.width >= free.height;
  const side = isColumn ? free.height : free.width;
  const thickness = side === 0 ? 0 : area / side;
  let at = isColumn ? free.y : free.x;
  const rectangles = areas.map((one) => {
    const length = thickness === 0 ? 0 : one / thickness;
    const rectangle = isColumn
      ? { x: free.x, y: at, width: thickness, height: length }
      : { x: at, y: free.y, width: length, height: thickness };
    at += length;
    return rectangle;
  });
  const rest = isColumn
    ? { ...free, x: free.x + thickness, width: free.width - thickness }
    : { ...free, y: free.y + thickness, height: free.height - thickness };
  return { rectangles, rest };
}
