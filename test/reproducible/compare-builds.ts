import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { compareFiles, type Difference } from "./compare-files.ts";
import { compareTrees } from "./compare-trees.ts";

/** What two builds made of one thing. */
export interface Pair {
  /** A step, or an artifact. */
  name: string;
  /** Digests; undefined where one of them has none. */
  digests: { first: string | undefined; second: string | undefined };
  /** Where the bytes are: a file or a tree. */
  places: { first: string | undefined; second: string | undefined };
}

export interface Different {
  name: string;
  differences: Difference[];
}

/** Those that differ, in the given order, and how. */
export async function compareBuilds(pairs: readonly Pair[]): Promise<Different[]> {
  const found: Different[] = [];
  for (const { name, digests, places } of pairs)
    if (digests.first === undefined || digests.first !== digests.second)
      found.push({ name, differences: await differencesBetween(places) });
  return found;
}

async function differencesBetween({ first, second }: Pair["places"]): Promise<Difference[]> {
  if (first === undefined || second === undefined)
    return [{ where: [first ?? second ?? ""], what: `only in the ${first === undefined ? "second" : "first"}` }];
  const isFolder = (await stat(first)).isDirectory();
  return isFolder ? compareTrees(first, second) : compareFiles(first, second, basename(first));
}
