/** One line of the page: something that can be measured on a machine where the image was built. */
export interface Figure {
  what: string;
  unit: "s" | "MB" | "%" | "count" | "ratio";
  /** At most this much is aimed at. */
  reach?: number;
  measure: () => Promise<number>;
}

export interface Measured {
  what: string;
  unit: Figure["unit"];
  reach?: number | undefined;
  value: number;
}

/** The middle of an odd number of runs: one slow run must not decide. */
export async function median(runs: number, measure: () => Promise<number>): Promise<number> {
  const values: number[] = [];
  for (let run = 0; run < runs; run++) values.push(await measure());
  return values.sort((a, b) => a - b)[Math.floor(runs / 2)] ?? Number.NaN;
}

/** `12.3 MB`, `193`, `0.28`: counts are whole, and have no unit. */
export function withUnit(value: number, unit: Figure["unit"]): string {
  if (unit === "count") return String(Math.round(value));
  return unit === "ratio" ? inFigures(value) : `${inFigures(value)} ${unit}`;
}

/** Three significant figures, without an exponent. */
export function inFigures(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
