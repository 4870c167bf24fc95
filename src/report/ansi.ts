/** Colours of a terminal. Without colour every function gives its text back. */
export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
}

export function paint(colour: boolean): Paint {
  const sgr = (on: number, off: number) => (text: string) => (colour ? `\x1b[${on}m${text}\x1b[${off}m` : text);
  return { bold: sgr(1, 22), dim: sgr(2, 22), red: sgr(31, 39), green: sgr(32, 39), yellow: sgr(33, 39) };
}

/** Whether a stream should be coloured: a terminal, and neither `NO_COLOR` (https://no-color.org) nor `TERM=dumb`. */
export function wantsColour(stream: { isTTY?: boolean }, environment: NodeJS.ProcessEnv): boolean {
  return Boolean(stream.isTTY) && !environment.NO_COLOR && environment.TERM !== "dumb";
}

/** Cuts plain text (without escapes) to a terminal's width, so that a line never wraps. */
export function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}
