import { join } from "node:path";
import { expect, it } from "vitest";
import { projectRoot } from "../base/mod.ts";
import { toolboxSets } from "../engine/mod.ts";
import { artifacts } from "../image/mod.ts";
import { commandModules } from "./command-modules.ts";
import { flagOf } from "./flag-of.ts";
import { parseCommandLine } from "./program.ts";
import { renderReference } from "./reference.ts";
import { commandTable } from "./table.ts";
import type { CommandSpec } from "./table-types.ts";

const commands = Object.entries(commandTable) as [string, CommandSpec][];

function textOf(...words: string[]): string {
  const request = parseCommandLine(words, "1.2.3");
  if (request.kind !== "text") throw new Error("not a text");
  return request.text;
}

it("lists every command in the help", () => {
  const help = textOf("--help");
  for (const [name, { summary }] of commands)
    expect(help).toMatch(new RegExp(`^  ${name} .*${summary.slice(0, 20)}`, "m"));
});

it.each(commands)("shows every option of %s in its help, and has a module for it", async (name, spec) => {
  const help = textOf(name, "--help");
  expect(textOf("help", name)).toBe(help);
  for (const option of Object.keys(spec.options)) expect(help).toContain(`  ${flagOf(option)}`);
  for (const example of spec.examples) expect(help).toContain(example);
  expect(Object.keys(commandModules)).toContain(name);
});

it.each(commands)("examples of %s parse", (name, { examples }) => {
  for (const example of examples) {
    const words = (example.split(" | ")[0] ?? "").split(" ").slice(1);
    expect(parseCommandLine(words, "1.2.3")).toMatchObject({ kind: "command" });
  }
  expect(examples[0]).toContain(`hadron ${name}`);
});

it("every command has --json", () => {
  for (const [, { options }] of commands) expect(Object.keys(options)).toContain("json");
});

it("offers the artifacts and the toolbox sets that there are", () => {
  expect([...commandTable.image.options.as.choices].sort()).toEqual(Object.keys(artifacts).sort());
  expect([...commandTable.toolbox.options.set.choices].sort()).toEqual(Object.keys(toolboxSets).sort());
});

it("prints the version", () => {
  expect(textOf("--version")).toBe("1.2.3\n");
});

it("the reference page is up to date (npx vitest run -u writes it)", async () => {
  await expect(renderReference()).toMatchFileSnapshot(join(projectRoot, "docs/reference/commands.md"));
});
