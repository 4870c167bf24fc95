/** Data for a bash script. Every word is in single quotes, so nothing in it has a meaning for the shell. */
export function bashArray(name: string, words: readonly string[]): string {
  return `${name}=(\n${words.map((word) => `  ${singleQuoted(word)}\n`).join("")})\n`;
}

/** `"key value"` for each, in the table's order. */
export function bashPairs(name: string, table: Readonly<Record<string, string>>): string {
  return bashArray(
    name,
    Object.entries(table).map(([key, value]) => `${key} ${value}`),
  );
}

export function singleQuoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
