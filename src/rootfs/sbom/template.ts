/**
 * A bill of materials as lines, one entity a line, to be completed where the files are (`build-sbom.sh`). Commas between lines are put
 * there. A line may be an instruction:
 *
 * - `@source NAME`: the line of the table of variants for the bytes that are used of a source
 * - `@files OWNER`: a line for each file of an owner
 *
 * In what comes out, `@UUID@` follows from the whole document, so that it differs from every other.
 */
export interface SbomTemplate {
  lines: string[];
  /** How a file is written: `@PATH@` and `@SHA256@` stand for its own. */
  fileLine: string;
  /** Of every source and every set of bytes that it can be had as. */
  variants: { source: string; sha256: string; line: string }[];
}

/** As JSON on one line. `undefined` fields are left out. */
export function line(value: unknown): string {
  return JSON.stringify(value);
}
