import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { anchorsOf as anchorsOfHeadings } from "../../docs/site/anchor.ts";
import { exitStatus, projectRoot } from "../../src/base/mod.ts";
import { projectFiles } from "./tree.ts";

const pages = projectFiles("*.md", "docs/**/*.md", "examples/**/*.md");

function anchorsOf(markdown: string): string[] {
  return anchorsOfHeadings([...markdown.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => heading));
}

/** `page → target` for links into the tree that lead nowhere. */
function brokenLinks(path: string, markdown: string): string[] {
  const prose = markdown.replace(/^```[\s\S]*?^```/gm, "");
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = ""]) => target)
    .filter((target) => {
      if (/^[a-z]+:/.test(target)) return false;
      const [file = "", fragment] = target.split("#");
      const to = file === "" ? path : join(dirname(path), file);
      if (!existsSync(join(projectRoot, to))) return true;
      return fragment !== undefined && !anchorsOf(to === path ? markdown : (pages.get(to) ?? "")).includes(fragment);
    })
    .map((target) => `${path} → ${target}`);
}

describe("docs", () => {
  it("every link inside the tree leads somewhere", () => {
    expect([...pages].flatMap(([path, markdown]) => brokenLinks(path, markdown))).toEqual([]);
    expect(brokenLinks("README.md", "[a](docs/none.md) [b](#none)")).toHaveLength(2);
  });

  it("every path in back quotes that starts with a folder of the tree exists", () => {
    const found = [...pages].flatMap(([page, markdown]) =>
      [...markdown.matchAll(/`((?:src|test|docs|examples|recipes|images|os)\/[\w./-]*)`/g)]
        .map(([, path = ""]) => path)
        .filter((path) => !path.includes("NAME") && !existsSync(join(projectRoot, path)))
        .map((path) => `${page}: ${path}`),
    );
    expect(found).toEqual([]);
  });

  it("every `make` target that is mentioned exists", () => {
    const makefile = projectFiles("Makefile").get("Makefile") ?? "";
    const targets = new Set([...makefile.matchAll(/^([a-z][a-z-]*):/gm)].map(([, target]) => target));
    const mentioned = [...pages].flatMap(([page, markdown]) =>
      [...markdown.matchAll(/(?:`|^)make ([a-z][a-z-]+)/gm)].map(([, target]) => ({ page, target })),
    );
    expect(mentioned.length).toBeGreaterThan(0);
    expect(mentioned.filter(({ target }) => !targets.has(target))).toEqual([]);
  });

  it("decisions are numbered without gaps and say fact, decision and cost", () => {
    const decisions = [...pages].filter(([path]) => path.startsWith("docs/adr/"));
    expect(decisions.map(([path]) => Number(/adr\/(\d{4})-/.exec(path)?.[1]))).toEqual(
      decisions.map((_, index) => index + 1),
    );
    for (const [path, markdown] of decisions)
      expect(anchorsOf(markdown).slice(1), path).toEqual(["the-fact", "the-decision", "what-it-costs"]);
  });

  it("every exit status is documented", () => {
    const page = pages.get("docs/reference/exit-status.md") ?? "";
    const documented = [...page.matchAll(/^\| (\d+) \| `(\w+)` \|/gm)].map(([, status, kind]) => [
      kind,
      Number(status),
    ]);
    expect(Object.fromEntries(documented)).toEqual(exitStatus);
  });
});
