import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { projectRoot } from "../../src/base/mod.ts";
import { isRun } from "../docs/not-run.ts";
import { pages } from "../docs/pages.ts";
import { typedCommands } from "../docs/typed-commands.ts";
import { openPagePlace, type PagePlace } from "./support/page-place.ts";

/** Pages that have something to be run here. */
const run = Object.entries(pages).flatMap(([path, page]) => {
  const markdown = readFileSync(join(projectRoot, path), "utf8");
  const commands = typedCommands(path, markdown).filter(isRun);
  return page.runBy !== undefined || commands.length === 0 ? [] : [[path, { page, markdown, commands }] as const];
});

describe.each(run)("the commands of %s, in their order", (_, { page, markdown, commands }) => {
  let place: PagePlace;
  beforeAll(async () => {
    place = await openPagePlace(page, markdown);
  });
  afterAll(() => place?.[Symbol.asyncDispose]());

  it.each(commands.map(({ text }) => text))("$ %s", async (text) => {
    const { status, stdout, stderr } = await place.run(text);
    const output = `${stdout}${stderr}`;
    expect(status, output).toBe(0);
    if (text.startsWith("./hadron ")) expect(output.trim()).not.toBe("");
    for (const words of page.says?.[text] ?? []) expect(output).toContain(words);
  });
});
