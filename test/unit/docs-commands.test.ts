import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { projectRoot } from "../../src/base/mod.ts";
import { refusal, shellWords, shownCommands } from "../docs/commands.ts";
import { isAbout, isRun, notRun } from "../docs/not-run.ts";
import { generatedPage, pages } from "../docs/pages.ts";
import { shownFiles, typedCommands } from "../docs/typed-commands.ts";
import { projectFiles } from "./tree.ts";

const texts = projectFiles("*.md", "docs/**/*.md", "examples/**/*.md");
texts.delete(generatedPage);
const shown = [...texts].flatMap(([page, markdown]) => shownCommands(page, markdown));
const toBeTyped = [...texts].flatMap(([page, markdown]) => typedCommands(page, markdown));

it("every command of hadron that a page shows would be taken: its options exist and its values fit", () => {
  expect(shown.filter(({ isWhole }) => isWhole).length).toBeGreaterThan(20);
  const refused = shown.flatMap((command) => {
    const message = refusal(command);
    return message === undefined ? [] : [`${command.page}:${command.line}: ${command.text}: ${message}`];
  });
  expect(refused).toEqual([]);
});

describe("what the pages give to be typed", () => {
  it("stands in sh blocks, where the e2e tests find it, and calls the checkout's own program", () => {
    const typed = toBeTyped.map(({ page, text }) => `${page}: ${text.split("\n")[0]}`);
    const whole = shown.filter(({ isWhole }) => isWhole).map(({ page, text }) => `${page}: ${text}`);
    expect(whole.filter((one) => !typed.includes(one))).toEqual([]);
    expect(toBeTyped.filter(({ text }) => text.startsWith("hadron "))).toEqual([]);
  });

  it("is run page by page: each that has commands is in the table of pages, and no other", () => {
    expect(Object.keys(pages).sort()).toEqual([...new Set(toBeTyped.map(({ page }) => page))].sort());
  });

  it("is run, but for entries of what is not, which are still shown and name tests that exist", () => {
    expect(notRun.filter((entry) => !toBeTyped.some((command) => isAbout(entry, command)))).toEqual([]);
    const tests = [
      ...notRun.flatMap(({ tests }) => tests),
      ...Object.values(pages).flatMap(({ runBy }) => runBy ?? []),
    ];
    expect(tests.filter((path) => !existsSync(join(projectRoot, path)))).toEqual([]);
  });

  it("has what it must say where it is run", () => {
    const run = toBeTyped.filter(isRun);
    for (const [page, { says = {} }] of Object.entries(pages))
      for (const text of Object.keys(says)) expect(run).toContainEqual(expect.objectContaining({ page, text }));
  });
});

it("finds commands in blocks and in sentences, not what only looks like one", () => {
  const markdown = [
    "`./hadron show NAME` and `hadron`, in src/hadron or `hadron-x`",
    "```sh",
    "./hadron list   # all",
    "echo ./hadron nothing",
    "```",
    "```text",
    "hadron in a listing",
    "```",
    "",
    "    hadron doctor",
  ].join("\n");
  expect(shownCommands("a.md", markdown)).toEqual([
    { page: "a.md", line: 1, text: "./hadron show NAME", isWhole: false },
    { page: "a.md", line: 3, text: "./hadron list", isWhole: true },
    { page: "a.md", line: 10, text: "hadron doctor", isWhole: true },
  ]);
});

it.each([
  ["./hadron list --colour red", true],
  ["./hadron image cloud --as disk", true],
  ["./hadron image cloud --as disk|floppy --output FILE", false],
  ["./hadron bild", false],
  ["./hadron store lsit", false],
])("refuses %s", (text, isWhole) => {
  expect(refusal({ text, isWhole })).toBeTypeOf("string");
});

it.each([
  ["hadron image cloud --as disk|iso [--json]", false],
  ["hadron image", false],
  ["hadron build --jobs N", false],
  ["hadron --help", false],
  ["./hadron graph --as dot | dot -Tsvg -o graph.svg", true],
  ['./hadron run --credential "a.b=$(cat ~/key file)"', true],
])("takes %s", (text, isWhole) => {
  expect(refusal({ text, isWhole })).toBeUndefined();
});

it("splits words as a shell does", () => {
  expect(shellWords(`a "b c"=d 'e "f"' $(g h) > i`)).toEqual(["a", "b c=d", 'e "f"', "$(g h)"]);
});

it("knows the files that a page gives whole", () => {
  expect([...shownFiles("```ts a/b.ts\none\n```\n\n```sh\n./x\n```\n")]).toEqual([["a/b.ts", "one\n"]]);
});

it("knows the commands that a page's sh blocks have, in their order, and under which heading", () => {
  const markdown = [
    "# One `page`",
    "```sh",
    "# a comment",
    "podman x   # another",
    "",
    "find a | while read -r b; do",
    "  echo $b \\",
    "    c # d",
    "done",
    "```",
    "```text",
    "y",
    "```",
    "## Two of it",
    "```sh",
    "z",
    "```",
    "```bash z.sh",
    "w",
    "```",
  ].join("\n");
  expect(typedCommands("a.md", markdown)).toEqual([
    { page: "a.md", section: "one-page", text: "podman x" },
    { page: "a.md", section: "one-page", text: "find a | while read -r b; do\n  echo $b \\\n    c\ndone" },
    { page: "a.md", section: "two-of-it", text: "z" },
  ]);
});
