/** What was looked at, whether it was as expected, and what was seen. */
export interface Check {
  what: string;
  passed: boolean;
  detail: string;
}

/** Compares what was seen with what should be; objects and lists by what is in them. */
export function check(what: string, seen: unknown, expected: unknown): Check {
  const [a, b] = [JSON.stringify(seen), JSON.stringify(expected)];
  return { what, passed: a === b, detail: a === b ? a : `${a}, expected ${b}` };
}

/**
 * A question about the design, asked of real machines: run before a format is settled, not with every change. Gives its checks as it
 * goes on. All that it writes is left in `folder`, so that a failure can be looked at.
 */
export type Experiment = (folder: string) => AsyncIterable<Check>;
