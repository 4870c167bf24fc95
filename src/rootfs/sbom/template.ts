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
  /** How a file is written: `@PATH@` and `@SHA256@` stand for its own. Undefined where no line asks for files. */
  fileLine: string | undefined;
  /** Of every source and every set of bytes that it can be had as. */
  variants: { source: string; sha256: string; line: string }[];
}

/**
 * The document of a template with no files in it, as `build-sbom.sh` puts it together.
 * @param nth Which of the sets of bytes that a source can be had as is used; where there are fewer, the last
 */
export function withoutFiles({ lines, variants }: SbomTemplate, nth: number): unknown {
  const filled = lines.flatMap((text) => {
    const [instruction, name] = text.split(" ");
    if (instruction === "@files") return [];
    if (instruction !== "@source") return [text];
    const ofSource = variants.filter(({ source }) => source === name);
    return ofSource
      .slice(0, nth + 1)
      .slice(-1)
      .map((variant) => variant.line);
  });
  const follows = (text: string, last: string | undefined) =>
    last !== undefined && !/[[{]$/.test(last) && !/^[\]}]/.test(text);
  return JSON.parse(filled.map((text, index) => (follows(text, filled[index - 1]) ? `,${text}` : text)).join(""));
}

/** As JSON on one line. `undefined` fields are left out. */
export function line(value: unknown): string {
  return JSON.stringify(value);
}
