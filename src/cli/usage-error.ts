import type { CommanderError } from "commander";
import { HadronError, programName } from "../base/mod.ts";
import { commandTable } from "./table.ts";

/** By commander's own codes; all others are about options. */
const codes: Readonly<Record<string, string>> = {
  "commander.help": "USAGE_COMMAND",
  "commander.unknownCommand": "USAGE_COMMAND",
  "commander.missingArgument": "USAGE_ARGUMENT",
  "commander.excessArguments": "USAGE_ARGUMENT",
};

/**
 * What the parser refused, in our words: the message, and its guess of what was meant as the hint.
 * @param words The command line
 */
export function usageError(error: CommanderError, words: readonly string[]): HadronError {
  const [first = "", suggestion] = error.message.replace(/^error: /, "").split("\n");
  const message =
    error.code === "commander.help"
      ? "No command was given"
      : `${first[0]?.toUpperCase()}${first.slice(1)}`
          .replaceAll("'", '"')
          .replace(/\. Expected (\d+) arguments? but got (\d+)\.$/, ": expected $1, got $2");
  return new HadronError(message, {
    kind: "usage",
    code: codes[error.code] ?? "USAGE_OPTION",
    hint: suggestion ? quoted(suggestion) : `See ${programName()} ${helpFor(words)}`,
  });
}

/** `(Did you mean list?)` → `Did you mean "list"?`; there may be several names. */
function quoted(suggestion: string): string {
  return suggestion
    .replace(/^\((.*)\)$/, "$1")
    .replace(/(?<=mean (?:one of )?)(?!one of )[^?]+/, (names) => names.replaceAll(/[^, ]+/g, '"$&"'));
}

function helpFor(words: readonly string[]): string {
  const command = words.find((word) => !word.startsWith("-"));
  return command !== undefined && Object.hasOwn(commandTable, command) ? `help ${command}` : "--help";
}
