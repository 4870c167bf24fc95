/**
 * Every failure that a user can cause or mend is a {@link HadronError}; programmer errors stay plain `Error`s.
 * The kind decides the exit status, the code is stable and can be searched for.
 */

/** Exit status of the `hadron` command for each kind of failure. Documented in docs/reference/exit-status.md. */
export const exitStatus = {
  /** The command line was wrong. */
  usage: 2,
  /** A recipe, image, lock or configuration file is invalid. */
  input: 3,
  /** A source or package could not be fetched or is not what the lock says, or a registry failed or gave something else. */
  source: 4,
  /** A build step or its test failed. */
  step: 5,
  /** The store or cache could not be read or written, holds something damaged, or lacks what was asked about. */
  store: 6,
  /** This machine lacks something that Hadron needs. */
  host: 7,
  /** A virtual machine did not start, died, or reported failure. */
  vm: 8,
} as const;

export type ErrorKind = keyof typeof exitStatus;

export interface HadronErrorFields {
  kind: ErrorKind;
  /** Stable, upper-case: `SOURCE_DIGEST`. */
  code: string;
  /** Where the mistake is: `recipes/zlib/recipe.ts:12`, a path, a URL. */
  at?: string;
  /** What to do next, as a sentence or a command. There always is something, if only whom to ask. */
  hint: string;
  /** Several lines that belong to the failure: the end of a log, a list of places tried. */
  detail?: string;
  cause?: unknown;
}

export class HadronError extends Error {
  readonly kind: ErrorKind;
  readonly code: string;
  readonly at: string | undefined;
  readonly hint: string;
  readonly detail: string | undefined;

  /** @param message What was being done and with what value; upper-case start, no final period, values quoted. */
  constructor(message: string, fields: HadronErrorFields) {
    super(message, fields.cause === undefined ? {} : { cause: fields.cause });
    this.name = "HadronError";
    this.kind = fields.kind;
    this.code = fields.code;
    this.at = fields.at;
    this.hint = fields.hint;
    this.detail = fields.detail;
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** True for the errors of Node's system calls with one of these codes (`ENOENT`, …). */
export function isSystemError(error: unknown, ...codes: string[]): error is NodeJS.ErrnoException {
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}
