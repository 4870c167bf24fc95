/** Shipped files that are known to follow the toolbox's versions. */
export interface Exception {
  /** Paths in a root tree. */
  files: RegExp;
  /** As it stands in the README. */
  cause: string;
}

/** There is none. One that is found belongs here with its cause, until that is mended. */
export const exceptions: readonly Exception[] = [];

/** Counts the exceptions among files that differ, by cause, and gives the others. */
export function explain(
  paths: readonly string[],
  known: readonly Exception[] = exceptions,
): { explained: Map<string, number>; unexplained: string[] } {
  const explained = new Map<string, number>();
  const unexplained: string[] = [];
  for (const path of paths) {
    const exception = known.find(({ files }) => files.test(path));
    if (exception) explained.set(exception.cause, (explained.get(exception.cause) ?? 0) + 1);
    else unexplained.push(path);
  }
  return { explained, unexplained };
}
