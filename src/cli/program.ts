import { Command as Commander, CommanderError, Option } from "commander";
import { flagOf } from "./flag-of.ts";
import type { Typed } from "./parse-input.ts";
import { type CommandName, commandTable } from "./table.ts";
import type { ArgumentSpec, CommandSpec, OptionSpec } from "./table-types.ts";

/** A command to run. */
export interface CommandRequest {
  kind: "command";
  name: CommandName;
  spec: CommandSpec;
  typed: Typed;
}

/** What the command line asks for. */
export type Request =
  | CommandRequest
  /** Help or version: text for stdout. */
  | { kind: "text"; text: string };

/**
 * Reads a command line (without node and script).
 * @throws CommanderError for what is not in the table; see usageError()
 */
export function parseCommandLine(words: string[], version: string): Request {
  let text = "";
  let request: Request | undefined;
  const program = buildProgram(
    version,
    (more) => {
      text += more;
    },
    (found) => {
      request = found;
    },
  );
  try {
    program.parse(isHelpOfUnknown(words) ? words.slice(1) : words, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError) || error.exitCode !== 0) throw error;
    return { kind: "text", text };
  }
  return request ?? { kind: "text", text: program.helpInformation() };
}

/** `help nope`, of which commander would only say that no command was given. Taken for the command, it is refused by its name. */
function isHelpOfUnknown([first, second]: string[]): boolean {
  return first === "help" && second !== undefined && !second.startsWith("-") && !Object.hasOwn(commandTable, second);
}

/** The commander program that the table describes. */
export function buildProgram(
  version: string,
  write: (text: string) => void,
  found: (request: Request) => void,
): Commander {
  const program = configure(new Commander("hadron"), write)
    .description("Builds, boots and updates a minimal Linux distribution from upstream source")
    .version(version, "--version", "Print the version")
    .helpOption("-h, --help", "Show help")
    .helpCommand("help [command]", "Show help for a command")
    .addHelpText("after", "\nhadron help COMMAND says more. Exit statuses: docs/reference/exit-status.md");
  for (const [name, spec] of Object.entries(commandTable) as [CommandName, CommandSpec][]) {
    const command = configure(program.command(name), write)
      .description(spec.summary)
      .helpOption("-h, --help", "Show help");
    for (const [argument, argumentSpec] of Object.entries(spec.arguments))
      command.argument(argumentUsage(argument, argumentSpec), argumentSummary(argumentSpec));
    for (const [option, optionSpec] of Object.entries(spec.options)) command.addOption(optionOf(option, optionSpec));
    command.addHelpText("after", `\nExamples:\n${spec.examples.map((line) => `  ${line}`).join("\n")}`);
    command.action((...values: unknown[]) => {
      const count = Object.keys(spec.arguments).length;
      const typed: Typed = {
        arguments: values.slice(0, count) as Typed["arguments"],
        options: command.opts(),
      };
      found({ kind: "command", name, spec, typed });
    });
  }
  return program;
}

/** `[component...]`, `<image>`, `[action]`. */
export function argumentUsage(name: string, spec: ArgumentSpec): string {
  const inner = `${name}${spec.repeat ? "..." : ""}`;
  return spec.optional || spec.default !== undefined ? `[${inner}]` : `<${inner}>`;
}

export function argumentSummary(spec: ArgumentSpec): string {
  return [
    spec.summary,
    spec.choices ? ` (${spec.choices.join(", ")})` : "",
    spec.default === undefined ? "" : ` [${spec.default}]`,
  ].join("");
}

export function optionUsage(name: string, spec: OptionSpec): string {
  return spec.kind === "flag" ? flagOf(name) : `${flagOf(name)} ${spec.value ?? "VALUE"}`;
}

export function optionSummary(spec: OptionSpec): string {
  return [
    spec.only ? `${spec.only.join(", ")}: ` : "",
    spec.summary,
    spec.choices ? ` (${spec.choices.join(", ")})` : "",
    spec.least === undefined ? "" : `, at least ${spec.least}`,
    spec.repeat ? ", several times" : "",
    spec.required ? `, required${spec.unless === undefined ? "" : ` without ${flagOf(spec.unless)}`}` : "",
    spec.default === undefined ? "" : ` [${spec.default}]`,
    spec.env === undefined ? "" : ` [$${spec.env}]`,
  ].join("");
}

function optionOf(name: string, spec: OptionSpec): Option {
  const flags = spec.kind === "flag" ? flagOf(name) : `${flagOf(name)} <${spec.value ?? "VALUE"}>`;
  const option = new Option(flags, optionSummary(spec));
  if (spec.repeat) option.argParser((text: string, before: string[] | undefined) => [...(before ?? []), text]);
  return option;
}

function configure(command: Commander, write: (text: string) => void): Commander {
  return command.exitOverride().configureOutput({ writeOut: write, writeErr: () => {}, getOutHelpWidth: () => 110 });
}
