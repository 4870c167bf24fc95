import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { mediaTypes, openLayout } from "../oci/mod.ts";
import type { Command } from "./command.ts";
import { commandModules } from "./command-modules.ts";
import { parseInput } from "./parse-input.ts";
import { parseCommandLine } from "./program.ts";
import { textOf } from "./run-command.ts";
import type { CommandName, Input } from "./table.ts";
import { testContext } from "./test-context.ts";

/** What the command finds, and what it writes to stdout. */
async function outcome(words: string[]): Promise<{ data: unknown; text: string }> {
  const request = parseCommandLine(words, "1.2.3");
  if (request.kind !== "command") throw new Error("not a command");
  const input = parseInput(request, {}) as Input<CommandName>;
  const { command } = (await commandModules[request.name]()) as { command: Command<CommandName, unknown> };
  const data = await command.run(input, testContext());
  return { data, text: textOf(command, data, input) };
}

/** Commands that only look, and so can be run where nothing is built or fetched. */
const looking = [
  "list",
  "show zlib",
  "why zlib",
  "graph zlib",
  "graph zlib --as json",
  "sources",
  "toolbox",
  "toolbox path --set vm",
  "store",
  "store path",
  "doctor",
];

describe("with --json", () => {
  it.each(looking)("hadron %s prints one document that holds all it found", async (line) => {
    const { data, text } = await outcome([...line.split(" "), "--json"]);
    expect(JSON.parse(text)).toEqual(data);
    expect(text.endsWith("\n")).toBe(true);
  });

  it("hadron inspect does", async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "hadron-json-"));
    const layout = openLayout(folder.path);
    const config = await layout.writeJson({}, mediaTypes.empty);
    const artifactType = "application/vnd.example";
    const manifest = { schemaVersion: 2, mediaType: mediaTypes.manifest, artifactType, config, layers: [config] };
    await layout.writeIndex([await layout.writeJson(manifest, mediaTypes.manifest)]);
    const { data, text } = await outcome(["inspect", folder.path, "--json"]);
    expect(data).toMatchObject({ artifactType });
    expect(JSON.parse(text)).toEqual(data);
  });

  it("a graph in another format is refused: it would be neither", async () => {
    await expect(outcome(["graph", "zlib", "--as", "dot", "--json"])).rejects.toMatchObject({
      kind: "usage",
      code: "USAGE_OPTION",
      message: "Options --as dot and --json ask for two formats",
    });
    expect((await outcome(["graph", "zlib", "--as", "dot"])).text).toMatch(/^digraph hadron \{/);
  });
});
