/** `make docs-check`: builds the site and looks at every page in a browser, on a phone and on a desktop. */
import "../../docs/site/build.ts";
import { join } from "node:path";
import { sitePath } from "../../docs/site/contents.ts";
import { pageSources } from "../../docs/site/site.ts";
import { cacheRoot, projectRoot } from "../../src/base/mod.ts";
import { ensureToolboxSet } from "../../src/engine/mod.ts";
import { siteInside, startBrowser } from "./chromium.ts";
import { addressOf, lookAtPage, type PageView } from "./look-at-page.ts";

/** CSS pixels: a small phone, a desktop. */
const widths = [360, 1280];

const emit = (event: { type: string; message?: string }): void => {
  if (event.type === "note") console.error(event.message);
};
const options = { cacheRoot: cacheRoot(), emit };
const [browserSet, sandboxSet] = [
  await ensureToolboxSet("browser", options),
  await ensureToolboxSet("sandbox", options),
];
await using browser = await startBrowser(
  { browser: browserSet.path, sandbox: sandboxSet.path },
  join(projectRoot, "out/docs"),
);

const views: PageView[] = [];
for (const path of pageSources().map(sitePath))
  for (const width of widths) views.push(await lookAtPage(browser.tools, path, width));

const ids = new Map(views.map((view) => [addressOf(view.path), new Set(view.ids)]));
const problems = views.flatMap((view) =>
  [...view.problems, ...view.links.filter(isBroken).map((link) => `leads nowhere: ${link}`)].map(
    (problem) => `${view.path} at ${view.width} px: ${problem}`,
  ),
);
for (const problem of problems) console.log(problem);
const linkCount = new Set(views.flatMap(({ path, links }) => links.map((link) => `${path} ${link}`))).size;
const { product } = await browser.tools.send("Browser.getVersion");
console.log(
  `${views.length / widths.length} pages at ${widths.join(" and ")} px in ${product}, ${linkCount} links, ${problems.length} problems`,
);
process.exitCode = problems.length === 0 && views.length > 0 ? 0 : 1;

/** Other hosts can't be asked: there is no network. */
function isBroken(link: string): boolean {
  if (!link.startsWith(`file://${siteInside}/`)) return !/^https?:/.test(link);
  const [address = "", fragment = ""] = link.split("#");
  const there = ids.get(address);
  return there === undefined || (fragment !== "" && !there.has(decodeURIComponent(fragment)));
}
