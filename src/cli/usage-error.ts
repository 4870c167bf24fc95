import type { CommanderError } from "commander";
import { HadronError } from "../base/mod.ts";

/** What the parser refused, in our words: the message, and its guess of what was meant as the hint. */
export function usageError(error: CommanderError): HadronError {
  const [first = "", suggestion] = error.message.replace(/^error: /, "").split("\n");
  const message =
    error.code === "commander.help" ? "No command was given" : `${first[0]?.toUpperCase()}${first.slice(1)}`;
  return new HadronError(message.replaceAll("'", '"'), {
    kind: "usage",
    code: error.code === "commander.unknownCommand" ? "USAGE_COMMAND" : "USAGE_OPTION",
    hint: suggestion ? suggestion.replace(/^\((.*)\)$/, "$1") : "See hadron --help",
  });
}
