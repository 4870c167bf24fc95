import { expect, it } from "vitest";
import { refusal, shellLines, shellWords, shownCommands, shownFiles } from "../docs/commands.ts";
import { projectFiles } from "./tree.ts";

/** Made from the table of commands, with usage lines in it; `src/cli/program.test.ts` tests its examples. */
const reference = "docs/reference/commands.md";

it("every command of hadron that a page shows would be taken: its options exist and its values fit", () => {
  const pages = projectFiles("*.md", "docs/**/*.md", "examples/**/*.md");
  pages.delete(reference);
  const shown = [...pages].flatMap(([page, markdown]) => shownCommands(page, markdown));
  expect(shown.filter(({ isWhole }) => isWhole).length).toBeGreaterThan(20);
  const refused = shown.flatMap((command) => {
    const message = refusal(command);
    return message === undefined ? [] : [`${command.page}:${command.line}: ${command.text}: ${message}`];
  });
  expect(refused).toEqual([]);
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

it("knows every line that a page's shell blocks have", () => {
  expect(shellLines("```sh\n# first\npodman x\n\n./hadron list\n```\n```text\ny\n```\n```sh\nz\n```\n")).toEqual([
    "podman x",
    "./hadron list",
    "z",
  ]);
});
