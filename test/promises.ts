/** One row of docs/promises.md. */
export interface Promised {
  promise: string;
  /** Relative to the project. */
  file: string;
  /** Names of the enclosing `describe`s, then of the test. */
  titles: string[];
}

/** The rows of the tables `| promise | test |`, where a test is `` `file` › name `` or `` `file` › group › name ``. */
export function readPromises(markdown: string): Promised[] {
  return markdown
    .split("\n")
    .map((line) => /^\| (.+?) \| `([^`]+)` › (.+?) \|$/.exec(line))
    .filter((match) => match !== null)
    .map(([, promise = "", file = "", titles = ""]) => ({
      promise,
      file,
      titles: titles.replaceAll("\\|", "|").split(" › "),
    }));
}
