import { type ErrorKind, exitStatus, HadronError, messageOf, plainText } from "../base/mod.ts";
import { paint } from "./ansi.ts";

/** An error as data: what `--json` prints as `{"error": …}`. */
export interface ErrorReport {
  message: string;
  /** `INTERNAL` for a mistake in Hadron itself. */
  code: string;
  kind: ErrorKind | "internal";
  exitStatus: number;
  at?: string;
  /** Messages of what caused it, outermost first. */
  causes: string[];
  /** Several lines that belong to the failure: the end of a log, a list of places tried. */
  detail?: string;
  hint: string;
  /** Only of a mistake in Hadron itself. */
  stack?: string;
}

/** Exit status of a mistake in Hadron itself. */
const internalStatus = 1;

export function reportError(error: unknown): ErrorReport {
  const causes = causesOf(error);
  if (error instanceof HadronError)
    return {
      message: error.message,
      code: error.code,
      kind: error.kind,
      exitStatus: exitStatus[error.kind],
      ...(error.at === undefined ? {} : { at: error.at }),
      causes,
      ...(error.detail === undefined ? {} : { detail: error.detail }),
      hint: error.hint,
    };
  return {
    message: messageOf(error),
    code: "INTERNAL",
    kind: "internal",
    exitStatus: internalStatus,
    causes,
    hint: "This is a mistake in Hadron: please report it with the lines above",
    ...(error instanceof Error && error.stack ? { stack: error.stack } : {}),
  };
}

/**
 * The report for a person, in which nothing that an error quotes is left of terminal control:
 *
 *     error: Source "zlib" has another digest than the lock [SOURCE_DIGEST]
 *       at: sources.lock.json:12
 *       cause: …
 *       hint: …
 */
export function renderErrorReport(report: ErrorReport, { colour = false } = {}): string {
  const { bold, red, dim } = paint(colour);
  const field = (name: string, value: string) => `  ${dim(`${name}:`)} ${indentAfterFirst(plainText(value), 4)}\n`;
  const [first = "", ...rest] = plainText(report.message).split("\n");
  return [
    `${red(bold("error:"))} ${first} ${dim(`[${report.code}]`)}\n`,
    ...rest.map((line) => `  ${line}`.trimEnd().concat("\n")),
    report.at === undefined ? "" : field("at", report.at),
    ...report.causes.map((cause) => field("cause", cause)),
    report.detail === undefined
      ? ""
      : `${plainText(report.detail)
          .trimEnd()
          .replaceAll(/^/gm, `  ${dim("|")} `)}\n`,
    report.stack === undefined ? "" : `${dim(plainText(report.stack).split("\n").slice(1).join("\n"))}\n`,
    field("hint", report.hint),
  ].join("");
}

function causesOf(error: unknown): string[] {
  const causes: string[] = [];
  const seen = new Set<unknown>([error]);
  let cause = error instanceof Error ? error.cause : undefined;
  while (cause !== undefined && cause !== null && !seen.has(cause)) {
    seen.add(cause);
    const at = cause instanceof HadronError && cause.at !== undefined ? ` (${cause.at})` : "";
    // An error that only gathers others has nothing to say itself.
    if (messageOf(cause) !== "") causes.push(`${messageOf(cause)}${at}`);
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return causes;
}

function indentAfterFirst(text: string, by: number): string {
  return text.trimEnd().replaceAll("\n", `\n${" ".repeat(by)}`);
}
