import { anchorsOf } from "../../docs/site/anchor.ts";

/** What a page's `sh` blocks give to be typed, whatever the program. */
export interface TypedCommand {
  page: string;
  /** Anchor of the heading that it stands below. */
  section: string;
  /** One line or several, without comments behind them. */
  text: string;
}

/** The commands of a page's `sh` blocks, in their order. What is indented goes on with the command before, and so does `done`. */
export function typedCommands(page: string, markdown: string): TypedCommand[] {
  const commands: TypedCommand[] = [];
  const headings: string[] = [];
  let fence: string | undefined;
  for (const line of markdown.split("\n")) {
    const mark = /^```(.*)$/.exec(line)?.[1];
    if (mark !== undefined) fence = fence === undefined ? mark : undefined;
    else if (fence === undefined) headings.push(...(/^#+ (.*)$/.exec(line)?.slice(1) ?? []));
    else if (fence === "sh" && line !== "" && !line.startsWith("#")) {
      const text = line.replace(/\s+#\s.*$/, "");
      const before = commands.at(-1);
      if (before && /^(\s|done\b)/.test(line)) before.text += `\n${text}`;
      else commands.push({ page, section: anchorsOf(headings).at(-1) ?? "", text });
    }
  }
  return commands;
}

/** Files that a page gives whole: blocks whose first line names a path behind the language. */
export function shownFiles(markdown: string): Map<string, string> {
  const blocks = markdown.matchAll(/^```\w+ (\S+)\n([\s\S]*?)^```$/gm);
  return new Map([...blocks].map(([, path = "", content = ""]) => [path, content]));
}
