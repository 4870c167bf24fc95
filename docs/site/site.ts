import { globSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { compareText, projectRoot } from "../../src/base/mod.ts";
import { decisionFolder, sections, sitePath } from "./contents.ts";
import { readFacts } from "./facts.ts";
import { renderMarkdown } from "./markdown.ts";
import { type Page, renderPage } from "./page.ts";
import { fillIn } from "./tables.ts";

/** The whole site: path → content. Reads the checkout only, so equal checkouts give equal sites. */
export async function buildSite(): Promise<Map<string, string>> {
  const facts = await readFacts();
  const sources = pageSources();
  const isPage = new Set(sources);
  const pages = new Map<string, Page>();
  for (const source of sources) {
    const markdown = fillIn(readFileSync(join(projectRoot, source), "utf8"), facts);
    pages.set(source, { source, ...renderMarkdown(markdown, (target) => linkFrom(source, target, isPage)) });
  }
  const files = [...pages.values()].map((page) => [sitePath(page.source), renderPage(page, pages)] as const);
  const style = readFileSync(join(import.meta.dirname, "style.css"), "utf8");
  return new Map([...files, ["style.css", style] as const].sort(([a], [b]) => compareText(a, b)));
}

/** Paths in the tree of all pages: those of the contents, and the decisions. */
export function pageSources(): string[] {
  const decisions = globSync(`${decisionFolder}*.md`, { cwd: projectRoot }).sort(compareText);
  return [...sections.flatMap(({ pages }) => pages), ...decisions];
}

/** A link to a file that is no page has nowhere to go in the site: readers of the site may not have the tree. */
function linkFrom(source: string, target: string, isPage: ReadonlySet<string>): string | undefined {
  if (/^[a-z]+:/.test(target) || target.startsWith("#")) return target;
  const [path = "", fragment] = target.split("#");
  const to = linked[posix.join(posix.dirname(source), path)] ?? posix.join(posix.dirname(source), path);
  if (!isPage.has(to)) return undefined;
  const relative = posix.relative(posix.dirname(sitePath(source)), sitePath(to));
  return fragment === undefined ? relative : `${relative}#${fragment}`;
}

/** What the site has in the place of a file or folder of the tree. */
const linked: Readonly<Record<string, string>> = {
  "README.md": "docs/overview.md",
  "docs/adr": "docs/decisions.md",
};
