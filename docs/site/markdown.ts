import { Marked, type Tokens } from "marked";
import { anchorsOf } from "./anchor.ts";

export interface Rendered {
  /** Text of the first heading. */
  title: string;
  html: string;
  /** The headings of the second level, for a page's own contents. */
  headings: { text: string; anchor: string }[];
}

/**
 * Markdown to HTML: headings with anchors, tables that scroll in a box of their own, no raw HTML.
 * @param linkTo What a link leads to in the site; undefined where the site doesn't have it, and then the text stays alone
 */
export function renderMarkdown(markdown: string, linkTo: (target: string) => string | undefined): Rendered {
  const marked = new Marked({ gfm: true });
  const tokens = marked.lexer(markdown);
  const headingTokens = tokens.filter((token): token is Tokens.Heading => token.type === "heading");
  const anchors = anchorsOf(headingTokens.map(({ text }) => plainText(text)));
  let index = 0;
  marked.use({
    renderer: {
      heading({ tokens, depth, text }) {
        const anchor = anchors[index++] ?? "";
        const inner = this.parser.parseInline(tokens);
        if (depth === 1) return `<h1 id="${anchor}">${inner}</h1>\n`;
        const label = escapeHtml(`Link to ${plainText(text)}`);
        return `<h${depth} id="${anchor}">${inner} <a class="anchor" href="#${anchor}" aria-label="${label}">#</a></h${depth}>\n`;
      },
      link({ href, tokens }) {
        const inner = this.parser.parseInline(tokens);
        const to = linkTo(href);
        return to === undefined ? inner : `<a href="${escapeHtml(to)}">${inner}</a>`;
      },
      // A box that scrolls must be reachable by keyboard.
      table(token) {
        const head = row(token.header, "th", (cell) => this.parser.parseInline(cell.tokens));
        const body = token.rows.map((cells) => row(cells, "td", (cell) => this.parser.parseInline(cell.tokens)));
        const thead = token.header.some(({ text }) => text !== "") ? `<thead>\n${head}</thead>\n` : "";
        return `<div class="scroll" tabindex="0"><table>\n${thead}<tbody>\n${body.join("")}</tbody>\n</table></div>\n`;
      },
      code({ text, lang }) {
        const language = lang ? ` class="language-${escapeHtml(lang)}"` : "";
        return `<pre tabindex="0"><code${language}>${escapeHtml(text)}\n</code></pre>\n`;
      },
      html: ({ text }) => (text.trimStart().startsWith("<!--") ? "" : escapeHtml(text)),
    },
  });
  return {
    title: plainText(headingTokens[0]?.text ?? ""),
    html: marked.parser(tokens),
    headings: headingTokens.flatMap(({ depth, text }, at) =>
      depth === 2 ? [{ text: plainText(text), anchor: anchors[at] ?? "" }] : [],
    ),
  };
}

export function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

function row(cells: Tokens.TableCell[], tag: "th" | "td", inner: (cell: Tokens.TableCell) => string): string {
  return `<tr>${cells.map((cell) => `<${tag}>${inner(cell)}</${tag}>`).join("")}</tr>\n`;
}

/** A heading's text without its marks. */
function plainText(markdown: string): string {
  return markdown.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").replace(/[`*]/g, "");
}
