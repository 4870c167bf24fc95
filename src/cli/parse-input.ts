import { HadronError, programName } from "../base/mod.ts";
import { flagOf } from "./flag-of.ts";
import { didYouMean } from "./nearest.ts";
import { parseValue } from "./parse-value.ts";
import type { CommandSpec, OptionSpec } from "./table-types.ts";

/** What commander found, unchecked: options by their name in the table, arguments in order. */
export interface Typed {
  arguments: (string | string[] | undefined)[];
  options: Record<string, string | string[] | boolean | undefined>;
}

/**
 * Checks and converts a command line by the table; environment variables and defaults fill what was not given.
 * @throws HadronError of kind `usage`
 */
export function parseInput(
  { name: command, spec, typed }: { name: string; spec: CommandSpec; typed: Typed },
  environment: NodeJS.ProcessEnv,
): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  for (const [index, [name, argument]] of Object.entries(spec.arguments).entries()) {
    const given = typed.arguments[index];
    const value = given === undefined || given.length === 0 ? argument.default : given;
    if (typeof value === "string" && argument.choices && !argument.choices.includes(value))
      throw new HadronError(`The ${name} is "${value}", expected one of ${argument.choices.join(", ")}`, {
        kind: "usage",
        code: "USAGE_ARGUMENT",
        hint: didYouMean(value, argument.choices, `See ${programName()} help ${command}`),
      });
    input[name] = argument.repeat ? (value ?? []) : value;
  }
  const first = String(Object.values(input)[0]);
  for (const [name, option] of Object.entries(spec.options)) {
    const given = typed.options[name];
    if (given !== undefined && given !== false && option.only && !option.only.includes(first))
      throw new HadronError(`Option ${flagOf(name)} has no meaning with "${first}"`, {
        kind: "usage",
        code: "USAGE_OPTION",
        hint: `It belongs to: ${option.only.join(", ")}`,
      });
    const value = optionValue(name, option, given, environment);
    const isSpared = option.unless !== undefined && typed.options[option.unless] === true;
    if (value === undefined && option.required && !isSpared) throw missingOption(name, option);
    input[name] = value;
  }
  return input;
}

function optionValue(
  name: string,
  option: OptionSpec,
  given: string | string[] | boolean | undefined,
  environment: NodeJS.ProcessEnv,
): unknown {
  if (option.kind === "flag") return given === true;
  const flag = flagOf(name);
  const fromEnvironment = option.env === undefined ? undefined : environment[option.env] || undefined;
  if (option.repeat) {
    const texts = Array.isArray(given) ? given : (fromEnvironment?.split(",").filter(Boolean) ?? []);
    return texts.map((text) => parseValue(flag, text, option));
  }
  const text = typeof given === "string" ? given : (fromEnvironment ?? option.default);
  return text === undefined ? undefined : parseValue(flag, text, option);
}

function missingOption(name: string, option: OptionSpec): HadronError {
  const flag = flagOf(name);
  return new HadronError(`Option ${flag} is missing`, {
    kind: "usage",
    code: "USAGE_OPTION",
    hint: `Give ${flag} ${option.choices?.join("|") ?? option.value ?? "VALUE"}`,
  });
}
