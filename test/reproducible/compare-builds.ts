import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { compareText } from "../../src/base/mod.ts";
import type { BuiltStep } from "../../src/engine/mod.ts";
import type { DigestedArtifact } from "../../src/image/mod.ts";
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

/** What one build made. */
export interface Build {
  steps: ReadonlyMap<string, Pick<BuiltStep, "output" | "path">>;
  artifacts: ReadonlyMap<string, DigestedArtifact>;
}

/** Two builds compared. */
export interface Result {
  steps: readonly Pair[];
  artifacts: readonly Pair[];
  different: { steps: readonly Different[]; artifacts: readonly Different[] };
}

/** @param order The steps to compare */
export async function compareAll(first: Build, second: Build, order: readonly string[]): Promise<Result> {
  const steps = order.map((name): Pair => {
    const [one, other] = [first.steps.get(name), second.steps.get(name)];
    const digests = { first: one?.output, second: other?.output };
    return { name, digests, places: { first: one?.path, second: other?.path } };
  });
  const names = [...new Set([...first.artifacts.keys(), ...second.artifacts.keys()])].sort(compareText);
  const artifacts = names.map((name): Pair => {
    const [one, other] = [first.artifacts.get(name), second.artifacts.get(name)];
    const digests = { first: one?.sha256, second: other?.sha256 };
    return { name, digests, places: { first: one?.path, second: other?.path } };
  });
  return {
    ...{ steps, artifacts },
    different: { steps: await compareBuilds(steps), artifacts: await compareBuilds(artifacts) },
  };
}
