import { flagOf } from "./flag-of.ts";
import { argumentSummary, argumentUsage, optionSummary, optionUsage } from "./program.ts";
import { everywhere } from "./shared-options.ts";
import { type CommandName, commandTable } from "./table.ts";
import type { CommandSpec } from "./table-types.ts";

/** docs/reference/commands.md, from the table of commands. */
export function renderReference(): string {
  const commands = Object.entries(commandTable) as [CommandName, CommandSpec][];
  return `# Commands

Made from \`src/cli/table.ts\`; \`hadron help COMMAND\` says the same. The result goes to stdout, progress and errors to stderr.

Every command has:

${options(everywhere)}
With \`--json\` stdout holds one JSON document: the result, or \`{"error": {"message", "code", "kind", "exitStatus", "at", "causes", "detail",
"hint"}}\`. With \`--events json\` each line of stderr is one event, until an error's text. [Exit statuses](exit-status.md)

${commands.map(([name, spec]) => section(name, spec)).join("\n")}`;
}

function section(name: string, spec: CommandSpec): string {
  const words = Object.entries(spec.arguments).map(([argument, argumentSpec]) => argumentUsage(argument, argumentSpec));
  const own = Object.fromEntries(Object.entries(spec.options).filter(([option]) => !(option in everywhere)));
  const parts = [
    `## hadron ${name}\n`,
    `${spec.summary}.\n`,
    `    hadron ${[name, ...words].join(" ")}${Object.keys(own).length > 0 ? " [options]" : ""}\n`,
    table(Object.entries(spec.arguments).map(([argument, argumentSpec]) => [argument, argumentSummary(argumentSpec)])),
    options(own),
    `Examples:\n\n${spec.examples.map((line) => `    ${line}\n`).join("")}`,
  ];
  return parts.filter((part) => part !== "").join("\n");
}

function options(specs: CommandSpec["options"]): string {
  return table(
    Object.entries(specs)
      .sort(([a], [b]) => (flagOf(a) < flagOf(b) ? -1 : 1))
      .map(([name, spec]) => [`\`${optionUsage(name, spec)}\``, optionSummary(spec)]),
  );
}

function table(rows: [string, string][]): string {
  if (rows.length === 0) return "";
  const lines = rows.map(([left, right]) => `| ${left} | ${right.replaceAll("|", "\\|")} |\n`);
  return `| | |\n|---|---|\n${lines.join("")}`;
}
