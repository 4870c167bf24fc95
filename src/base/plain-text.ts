/** CSI sequences, OSC sequences, other escapes (ECMA-48); the first two begin with one character or two. */
const sequences =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b\]|\x9d)[^\x07\x1b\x9c\x9d]*(?:\x07|\x1b\\|\x9c)|\x1b[ -/]*[0-~]/g;
/** All of C0 and C1 but line ends and tabs. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const controls = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;

/** Without terminal control. For whatever comes from outside and goes to a terminal, which obeys what it is given. */
export function plainText(text: string): string {
  return text.replace(sequences, "").replace(controls, "");
}

/** The same as one line. */
export function plainLine(text: string): string {
  return plainText(text).replace(/[\n\t]+/g, " ");
}

/** DEL and C1: of the control characters JSON escapes those of C0 only. */
const unescaped = /[\x7f-\x9f]/g;

/** A document (RFC 8259) that leaves a terminal alone. */
export function jsonText(value: unknown, indent: number): string {
  const text = JSON.stringify(value, undefined, indent);
  return `${text.replace(unescaped, (character) => `\\u00${character.charCodeAt(0).toString(16)}`)}\n`;
}
