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
  /** A whole number from 1. */
  | "count"
  /** A whole number from 0. */
  | "number"
  /** `512M`, `20G`: bytes, with K, M, G, T as powers of 1024. */
  | "size";

export interface OptionSpec {
  summary: string;
  kind: OptionKind;
  /** What stands for the value in the help: `N`, `DIR`. */
  value?: string;
  choices?: readonly string[];
  /** As it would be typed. */
  default?: string;
  required?: true;
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
  : Spec extends { kind: "count" | "number" | "size" }
    ? number
    : Spec extends { choices: readonly (infer Choice)[] }
      ? Choice
      : string;

type Value<Spec> = Spec extends { repeat: true }
  ? Scalar<Spec>[]
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
