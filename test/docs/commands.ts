import { HadronError } from "../../src/base/mod.ts";
import { parseInput } from "../../src/cli/parse-input.ts";
import { parseCommandLine } from "../../src/cli/program.ts";

/** A command line of `hadron` that a page shows. */
export interface ShownCommand {
  page: string;
  line: number;
  /** As it stands there, without a comment behind it. */
  text: string;
  /** In a block it is whole and can be typed; in a sentence it may be cut short or have placeholders. */
  isWhole: boolean;
}

/** Every `./hadron …` and `hadron …` at the start of a line of a block, or of words in back quotes. */
export function shownCommands(page: string, markdown: string): ShownCommand[] {
  const found: ShownCommand[] = [];
  let fence: string | undefined;
  for (const [index, line] of markdown.split("\n").entries()) {
    const mark = /^\s*```\s*(.*)$/.exec(line);
    const at = { page, line: index + 1 };
    if (mark) fence = fence === undefined ? (mark[1] ?? "") : undefined;
    else if (fence === undefined) {
      const indented = /^ {4}(?:\$ )?((?:\.\/)?hadron .*)$/.exec(line)?.[1];
      if (indented !== undefined) found.push({ ...at, text: withoutComment(indented), isWhole: true });
      for (const [, text = ""] of line.matchAll(/`((?:\.\/)?hadron [^`]*)`/g))
        found.push({ ...at, text, isWhole: false });
    } else if (!fence.startsWith("text")) {
      const text = /^(?:\$ )?((?:\.\/)?hadron .*)$/.exec(line)?.[1];
      if (text !== undefined) found.push({ ...at, text: withoutComment(text), isWhole: true });
    }
  }
  return found;
}

function withoutComment(text: string): string {
  return text.replace(/\s+#\s.*$/, "");
}

/** Why the command line would be refused; undefined where it would be taken. */
export function refusal({ text, isWhole }: Pick<ShownCommand, "text" | "isWhole">): string | undefined {
  const variants = isWhole ? [shellWords(text)] : alternatives(text);
  for (const words of variants) {
    const message = refusalOf(words.slice(1), isWhole);
    if (message !== undefined) return message;
  }
  return undefined;
}

function refusalOf(words: string[], isWhole: boolean): string | undefined {
  try {
    const request = parseCommandLine(words, "0");
    if (request.kind === "command") parseInput(request, {});
    return undefined;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return !isWhole && isOnlyCutShort(error, message) ? undefined : message;
  }
}

/** Something is missing, or stands as `N` for a value. */
function isOnlyCutShort(error: unknown, message: string): boolean {
  if (/missing/i.test(message)) return true;
  return error instanceof HadronError && /(has the value|is) "[A-Z…]+"/.test(message);
}

/** `--as disk|iso [--json]` → the words with each choice. */
function alternatives(text: string): string[][] {
  const words = text.replace(/[[\]]/g, "").split(/\s+/);
  const most = Math.max(...words.map((word) => word.split("|").length));
  return Array.from({ length: most }, (_, index) =>
    words.map((word) => word.split("|")[Math.min(index, word.split("|").length - 1)] ?? word),
  );
}

/** The words up to a pipe or redirection, as a shell would split them; `$(…)` and variables stay as they are. */
export function shellWords(text: string): string[] {
  const words: string[] = [];
  for (const [, word = "", operator] of text.matchAll(/((?:"[^"]*"|'[^']*'|\$\([^)]*\)|[^\s"'|<>;&])+)|([|<>;&])/g)) {
    if (operator !== undefined) break;
    words.push(word.replace(/"([^"]*)"|'([^']*)'/g, (_, double?: string, single?: string) => double ?? single ?? ""));
  }
  return words;
}
