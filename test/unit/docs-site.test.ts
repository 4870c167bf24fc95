import { describe, expect, it } from "vitest";
import { sections } from "../../docs/site/contents.ts";
import { readFields } from "../../docs/site/fields.ts";
import { brokenLinks, linksOf } from "../../docs/site/links.ts";
import { renderMarkdown } from "../../docs/site/markdown.ts";
import { buildSite, pageSources } from "../../docs/site/site.ts";
import { projectFiles } from "./tree.ts";

describe("the site", async () => {
  const site = await buildSite();
  const pages = [...site].filter(([path]) => path.endsWith(".html"));

  it("has every page of docs/, each once", () => {
    const listed = pageSources();
    expect([...projectFiles("docs/**/*.md").keys()].filter((path) => !listed.includes(path))).toEqual([]);
    expect(listed.filter((path, index) => listed.indexOf(path) !== index)).toEqual([]);
    expect(pages).toHaveLength(listed.length);
  });

  it("has no link that leads nowhere, to a file or to a place in it", () => {
    expect(pages.flatMap(([, html]) => linksOf(html)).length).toBeGreaterThan(500);
    expect(brokenLinks(site)).toEqual([]);
  });

  it("comes out the same when it is built again", async () => {
    expect(await buildSite()).toEqual(site);
  });

  it("takes nothing from another host and runs no script", () => {
    for (const [path, html] of pages) {
      const loaded = [...html.matchAll(/<(?:link|img|script|iframe|source)\b[^>]*>/g)].map(([tag]) => tag);
      expect(
        loaded.filter((tag) => tag.startsWith("<script") || /="(https?:)?\/\//.test(tag)),
        path,
      ).toEqual([]);
    }
    expect(site.get("style.css")).not.toMatch(/@import|url\(/);
  });

  it("has one title, one main heading and the way past the navigation on every page", () => {
    for (const [path, html] of pages) {
      expect(html.match(/<h1 /g), path).toHaveLength(1);
      expect(html, path).toMatch(/<title>[^<·]+( · Hadron)?<\/title>/);
      expect(html, path).toContain('<a class="skip" href="#content">');
    }
  });

  it("leaves no table unmade", () => {
    for (const [path, html] of pages) expect(html, path).not.toContain("generated:");
    for (const name of ["busybox", "linux", "zlib"])
      expect(site.get("components.html")).toContain(`<code>${name}</code>`);
  });

  it("names every section and every page of it in the navigation", () => {
    const html = site.get("quickstart.html") ?? "";
    for (const { title } of sections) expect(html).toContain(`<h2>${title}</h2>`);
    expect(html).toContain('aria-current="page">Quickstart</a>');
  });
});

it("finds links that lead nowhere", () => {
  const site = new Map([
    ["a.html", '<a href="b/c.html#x">1</a> <a href="b/c.html#y">2</a> <a href="d.html">3</a> <a href="#z">4</a>'],
    ["b/c.html", '<h2 id="x"><a href="../a.html">5</a> <a href="https://x.example/">6</a></h2>'],
  ]);
  expect(brokenLinks(site)).toEqual(["a.html → b/c.html#y", "a.html → d.html", "a.html → #z"]);
});

it("renders headings with anchors, tables in a box, and no HTML of its own", () => {
  const { title, html, headings } = renderMarkdown(
    "# A `b`\n\n## Two\n\n<script>x</script>\n\n| c |\n|---|\n| [d](e.md) [f](g.ts) |\n\n## Two\n",
    (target) => (target === "e.md" ? "e.html" : undefined),
  );
  expect(title).toBe("A b");
  expect(headings.map(({ anchor }) => anchor)).toEqual(["two", "two-1"]);
  expect(html).toContain('<div class="scroll" tabindex="0"><table>');
  expect(html).toContain('<a href="e.html">d</a> f');
  expect(html).not.toContain("<script");
});

it("reads an interface's fields with their comments", () => {
  const source = `export interface A {
  /** One
   * or two. */
  b: string;
  c?: {
    /** Inner. */
    d: number[];
  };
  e?:
    | "f"
    | "g";
}
interface H { i: string }`;
  expect(readFields(source, "interface A")).toEqual([
    { name: "b", type: "string", optional: false, summary: "One or two." },
    { name: "c", type: "", optional: true, summary: "" },
    { name: "c.d", type: "number[]", optional: false, summary: "Inner." },
    { name: "e", type: '"f" | "g"', optional: true, summary: "" },
  ]);
  expect(() => readFields(source, "interface Z")).toThrow(/Z/);
});
