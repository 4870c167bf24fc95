import { siteInside } from "./chromium.ts";
import type { DevTools, DevToolsEvent } from "./dev-tools.ts";

export interface PageView {
  /** Path in the site. */
  path: string;
  /** Pixels of CSS. */
  width: number;
  /** What is wrong with it by itself. */
  problems: string[];
  /** As the browser resolved them. */
  links: string[];
  ids: string[];
}

interface Seen {
  innerWidth: number;
  scrollWidth: number;
  height: number;
  links: string[];
  ids: string[];
  /** Elements that reach out of the page, outside the boxes that scroll. */
  wide: string[];
}

/** Runs in the page. */
const look = `(() => {
  const inBox = (element) => element.closest(".scroll, pre, .skip") !== null;
  const wide = [...document.body.querySelectorAll("*")]
    .filter((element) => !inBox(element) && element.getBoundingClientRect().right > innerWidth + 0.5)
    .map((element) => element.outerHTML.slice(0, 80));
  return {
    innerWidth,
    scrollWidth: document.scrollingElement.scrollWidth,
    height: document.scrollingElement.scrollHeight,
    links: [...document.links].map((link) => link.href),
    ids: [...document.querySelectorAll("[id]")].map((element) => element.id),
    wide: wide.slice(0, 3),
  };
})()`;

/** Loads one page at one width, as a new tab. */
export async function lookAtPage(tools: DevTools, path: string, width: number): Promise<PageView> {
  const { targetId } = await tools.send("Target.createTarget", { url: "about:blank" });
  const { sessionId } = await tools.send("Target.attachToTarget", { targetId, flatten: true });
  const session = String(sessionId);
  const problems: string[] = [];
  const loaded = Promise.withResolvers<void>();
  const stop = tools.listen((event) => {
    if (event.sessionId !== session) return;
    if (event.method === "Page.loadEventFired") loaded.resolve();
    const problem = problemOf(event);
    if (problem) problems.push(problem);
  });
  try {
    for (const domain of ["Page", "Runtime", "Log", "Network"]) await tools.send(`${domain}.enable`, {}, session);
    const metrics = { width, height: 800, deviceScaleFactor: 1, mobile: width < 600 };
    await tools.send("Emulation.setDeviceMetricsOverride", metrics, session);
    const { errorText } = await tools.send("Page.navigate", { url: addressOf(path) }, session);
    if (errorText) return { path, width, problems: [`does not load: ${errorText}`], links: [], ids: [] };
    await Promise.race([
      loaded.promise,
      tools.send("Runtime.evaluate", { expression: whenLoaded, awaitPromise: true }, session),
    ]);
    const { result } = await tools.send("Runtime.evaluate", { expression: look, returnByValue: true }, session);
    const seen = (result as { value: Seen }).value;
    return { path, width, problems: [...problems, ...layoutProblems(seen, width)], links: seen.links, ids: seen.ids };
  } finally {
    stop();
    await tools.send("Target.closeTarget", { targetId });
  }
}

const whenLoaded = `new Promise((done) => document.readyState === "complete" ? done() : addEventListener("load", () => done()))`;

export function addressOf(path: string): string {
  return `file://${siteInside}/${path}`;
}

/** A phone makes its window wider when a page is, so both count. */
function layoutProblems({ innerWidth, scrollWidth, height, wide }: Seen, width: number): string[] {
  return [
    ...(innerWidth === width ? [] : [`the window became ${innerWidth} px wide`]),
    ...(scrollWidth <= width ? [] : [`the page scrolls sideways: it is ${scrollWidth} px wide`]),
    ...(height > 100 ? [] : [`the page is ${height} px high`]),
    ...wide.map((element) => `reaches out of the page: ${element}`),
  ];
}

/** What a visitor would find in the console, and requests that leave the site. */
function problemOf({ method, params }: DevToolsEvent): string | undefined {
  if (method === "Runtime.exceptionThrown") return `exception: ${JSON.stringify(params)}`;
  if (method === "Runtime.consoleAPICalled" && params.type === "error")
    return `console: ${JSON.stringify(params.args)}`;
  if (method === "Network.loadingFailed") return `did not load: ${JSON.stringify(params)}`;
  if (method === "Log.entryAdded") {
    const { level, text } = params.entry as { level: string; text: string };
    return level === "error" ? `console: ${text}` : undefined;
  }
  if (method === "Network.requestWillBeSent") {
    const { url } = params.request as { url: string };
    return url.startsWith(`file://${siteInside}/`) || url.startsWith("data:") ? undefined : `asks for ${url}`;
  }
  return undefined;
}
