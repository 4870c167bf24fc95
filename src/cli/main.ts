import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CommanderError } from "commander";
import { parseCommandLine } from "./program.ts";

/**
 * The `hadron` command. Everything but the parser is imported when it is needed, `base` too: `--help` must be quick.
 */
async function main(words: string[]): Promise<number> {
  // A reader that has seen enough (`hadron list | head`) is no error.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));
  try {
    const request = parseCommandLine(words, version());
    if (request.kind === "text") {
      process.stdout.write(request.text);
      return 0;
    }
    const { runCommand } = await import("./run-command.ts");
    return await runCommand(request);
  } catch (error) {
    const { showError } = await import("./run-command.ts");
    const { usageError } = await import("./usage-error.ts");
    return showError(error instanceof CommanderError ? usageError(error, words) : error, words.includes("--json"));
  }
}

function version(): string {
  const text = readFileSync(join(import.meta.dirname, "../../package.json"), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

const status = await main(process.argv.slice(2));
// What a slow reader has not taken yet would be lost.
for (const stream of [process.stdout, process.stderr]) await new Promise((written) => stream.write("", written));
process.exit(status);
