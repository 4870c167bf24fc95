import { posix } from "node:path";
import { sections, sitePath } from "./contents.ts";
import { escapeHtml, type Rendered } from "./markdown.ts";

export interface Page extends Rendered {
  /** In the tree. */
  source: string;
}

/** One page as a whole document. Nothing in it comes from another host, and nothing needs a script. */
export function renderPage(page: Page, pages: ReadonlyMap<string, Page>): string {
  const here = sitePath(page.source);
  const to = (path: string): string => posix.relative(posix.dirname(here), path);
  const title = page.title === "Hadron" ? "Hadron" : `${escapeHtml(page.title)} · Hadron`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${to("style.css")}">
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header><a class="name" href="${to("index.html")}">Hadron</a> <a class="menu" href="#navigation">Contents</a></header>
<div class="columns">
<main id="content">
${page.html.replace("</h1>\n", (end) => end + onThisPage(page))}${neighbours(page, pages, to)}</main>
<nav id="navigation" aria-label="Site">
${sections.map((section) => navigationOf(section.title, section.pages, { page, pages, to })).join("")}</nav>
</div>
<footer>Made from <code>${escapeHtml(page.source)}</code> by <code>make docs</code>.</footer>
</body>
</html>
`;
}

interface Around {
  page: Page;
  pages: ReadonlyMap<string, Page>;
  to: (path: string) => string;
}

function navigationOf(title: string, sources: readonly string[], { page, pages, to }: Around): string {
  const items = sources.map((source) => {
    const current = source === page.source ? ' aria-current="page"' : "";
    return `<li><a href="${to(sitePath(source))}"${current}>${escapeHtml(pages.get(source)?.title ?? source)}</a></li>\n`;
  });
  return `<h2>${title}</h2>\n<ul>\n${items.join("")}</ul>\n`;
}

/** Worth its room from three headings on. */
function onThisPage({ headings }: Page): string {
  if (headings.length < 3) return "";
  const items = headings.map(({ text, anchor }) => `<li><a href="#${anchor}">${escapeHtml(text)}</a></li>\n`);
  return `<details class="here"><summary>On this page</summary>\n<ul>\n${items.join("")}</ul>\n</details>\n`;
}

function neighbours(page: Page, pages: ReadonlyMap<string, Page>, to: (path: string) => string): string {
  const order = sections.flatMap((section) => section.pages);
  const at = order.indexOf(page.source);
  const link = (source: string | undefined, rel: "prev" | "next"): string => {
    const target = source === undefined ? undefined : pages.get(source);
    if (target === undefined) return "";
    const arrow = rel === "prev" ? "← " : "";
    const end = rel === "next" ? " →" : "";
    return `<a rel="${rel}" href="${to(sitePath(target.source))}">${arrow}${escapeHtml(target.title)}${end}</a>\n`;
  };
  if (at < 0) return "";
  return `<p class="neighbours">\n${link(order[at - 1], "prev")}${link(order[at + 1], "next")}</p>\n`;
}
