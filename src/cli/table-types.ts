/** The shapes of the table of commands, and the types of what a command gets, derived from them. */

export interface ArgumentSpec {
  summary: string;
  /** The only values; the first is not a default by itself. */
  choices?: readonly string[];
  default?: string;
  /** May be left out; one with a default always may. */
  optional?: true;
  /** Takes all that follow. */
  repeat?: true;
}

export type OptionKind =
  /** No value. */
  | "flag"
  /** Any text. */
  | "text"
  /** The path of a file or folder: any text but an empty one. */
  | "path"
  /** A whole number from 1. */
  | "count"
  /** A whole number from 0. */
  | "number"
  /** A TCP port: 1 to 65535. */
  | "port"
  /** `512M`, `20G`: bytes, with K, M, G, T as powers of 1024. */
  | "size";

export interface OptionSpec {
  summary: string;
  kind: OptionKind;
  /** What stands for the value in the help: `N`, `DIR`. */
  value?: string;
  choices?: readonly string[];
  /** The smallest `size` that is taken, as it would be typed. */
  least?: string;
  /** What to do about a value that is not taken. */
  hint?: string;
  /** As it would be typed. */
  default?: string;
  required?: true;
  /** A flag of the same command without which alone the option is required. */
  unless?: string;
  /** May be given several times. */
  repeat?: true;
  /** An environment variable that says the same where the option is not given; lists are separated by commas. */
  env?: string;
  /** Values of the command's first argument with which alone the option has a meaning. */
  only?: readonly string[];
}

export interface CommandSpec {
  summary: string;
  /** Keys are the names of the arguments, in their order. */
  arguments: Readonly<Record<string, ArgumentSpec>>;
  /** Keys are the names of the options in camelCase; on the command line they are kebab-case. */
  options: Readonly<Record<string, OptionSpec>>;
  examples: readonly string[];
}

type Scalar<Spec> = Spec extends { kind: "flag" }
  ? boolean
  : Spec extends { kind: "count" | "number" | "port" | "size" }
    ? number
    : Spec extends { choices: readonly (infer Choice)[] }
      ? Choice
      : string;

type Value<Spec> = Spec extends { repeat: true }
  ? Scalar<Spec>[]
  : Spec extends { unless: string }
    ? Scalar<Spec> | undefined
    : Spec extends { kind: "flag" } | { default: string } | { required: true }
      ? Scalar<Spec>
      : Scalar<Spec> | undefined;

type ArgumentValue<Spec> = Spec extends { repeat: true }
  ? string[]
  : Spec extends { optional: true }
    ? Scalar<Spec> | undefined
    : Scalar<Spec>;

/** Arguments and options of one command, by name. */
export type InputOf<Spec extends CommandSpec> = {
  [Name in keyof Spec["arguments"]]: ArgumentValue<Spec["arguments"][Name]>;
} & { [Name in keyof Spec["options"]]: Value<Spec["options"][Name]> };
