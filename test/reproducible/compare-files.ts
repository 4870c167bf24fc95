import { open } from "node:fs/promises";
import { partsOf } from "./parts-of-file.ts";
import { firstDifference, readAt, type Stretch } from "./stretch.ts";

/** One place in which two files differ. */
export interface Difference {
  /** Where, from the outside in: `usr/lib/libz.a`, `member adler32.o`, `section .text`. */
  where: string[];
  /** What is to be said instead of bytes. */
  what?: string;
  /** Bytes from the start of the innermost place. */
  at?: number;
  /** The bytes there, a few. */
  bytes?: { first: Buffer; second: Buffer };
}

const shownBytes = 16;

/** Where two files differ: in each part of theirs, as far as the format is known, the first place. */
export async function compareFiles(first: string, second: string, name: string): Promise<Difference[]> {
  await using a = await open(first);
  await using b = await open(second);
  const whole = async (file: typeof a): Promise<Stretch> => ({ file, offset: 0, size: (await file.stat()).size });
  return await compareStretches(await whole(a), await whole(b), [name]);
}

async function compareStretches(a: Stretch, b: Stretch, where: string[]): Promise<Difference[]> {
  const at = await firstDifference(a, b);
  if (at === undefined) return [];
  const [left, right] = [await partsOf(a), await partsOf(b)];
  if (!left || left.word !== right?.word) return [await difference(a, b, { where, at })];
  const found: Difference[] = [];
  for (const name of [...new Set([...left.parts.keys(), ...right.parts.keys()])]) {
    const inner = [...where, `${left.word} ${name}`];
    const [one, other] = [left.parts.get(name), right.parts.get(name)];
    if (one && other) found.push(...(await compareStretches(one, other, inner)));
    else found.push({ where: inner, what: `only in the ${one ? "first" : "second"}` });
  }
  // The parts may be equal, and what names them or lies between them not.
  return found.length > 0 ? found : [await difference(a, b, { where: [...where, `outside of any ${left.word}`], at })];
}

async function difference(
  a: Stretch,
  b: Stretch,
  { where, at }: Required<Pick<Difference, "where" | "at">>,
): Promise<Difference> {
  const bytes = { first: await readAt(a, at, shownBytes), second: await readAt(b, at, shownBytes) };
  return a.size === b.size
    ? { where, at, bytes }
    : { where, at, bytes, what: `${a.size} bytes in the first, ${b.size} in the second` };
}
