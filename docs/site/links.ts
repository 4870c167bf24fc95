import { posix } from "node:path";

/** `page → target` for every link of the site that leads to no file or no anchor of it. */
export function brokenLinks(site: ReadonlyMap<string, string>): string[] {
  const anchors = new Map([...site].map(([path, html]) => [path, idsOf(html)] as const));
  return [...site]
    .filter(([path]) => path.endsWith(".html"))
    .flatMap(([path, html]) =>
      linksOf(html)
        .filter((target) => !leadsSomewhere(path, target, anchors))
        .map((target) => `${path} → ${target}`),
    );
}

/** Every `href` and `src` in order. */
export function linksOf(html: string): string[] {
  return [...html.matchAll(/ (?:href|src)="([^"]*)"/g)].map(([, target = ""]) => target.replaceAll("&amp;", "&"));
}

function idsOf(html: string): Set<string> {
  return new Set([...html.matchAll(/ id="([^"]*)"/g)].map(([, id = ""]) => id));
}

function leadsSomewhere(from: string, target: string, anchors: ReadonlyMap<string, ReadonlySet<string>>): boolean {
  if (/^(https?|mailto|data):/.test(target)) return true;
  const [path = "", fragment] = target.split("#");
  const there = anchors.get(path === "" ? from : posix.join(posix.dirname(from), path));
  return there !== undefined && (fragment === undefined || there.has(decodeURIComponent(fragment)));
}
