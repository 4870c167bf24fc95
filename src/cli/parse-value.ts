import { HadronError } from "../base/mod.ts";
import { didYouMean } from "./nearest.ts";
import type { OptionKind, OptionSpec } from "./table-types.ts";

/** Reads the value of an option as its kind says. @throws HadronError `USAGE_VALUE` */
export function parseValue(flag: string, text: string, spec: OptionSpec): string | number {
  const value = readValue(text, spec);
  if (value !== undefined) return value;
  throw new HadronError(`Option ${flag} has the value "${text}", expected ${expectedOf(spec)}`, {
    kind: "usage",
    code: "USAGE_VALUE",
    hint: spec.hint ?? hintOf(flag, text, spec),
  });
}

function readValue(text: string, { kind, choices, least = "0" }: OptionSpec): string | number | undefined {
  if (choices && !choices.includes(text)) return undefined;
  switch (kind) {
    case "count":
      return /^[1-9]\d{0,9}$/.test(text) ? Number(text) : undefined;
    case "number":
      return /^\d{1,10}$/.test(text) ? Number(text) : undefined;
    case "port":
      return /^[1-9]\d{0,4}$/.test(text) && Number(text) <= largestPort ? Number(text) : undefined;
    case "size": {
      const bytes = parseSize(text);
      return bytes === undefined || bytes < (parseSize(least) ?? 0) ? undefined : bytes;
    }
    case "path":
      return text === "" ? undefined : text;
    default:
      return text;
  }
}

function expectedOf({ kind, choices, least }: OptionSpec): string {
  if (choices) return choices.length === 1 ? String(choices[0]) : `one of ${choices.join(", ")}`;
  switch (kind) {
    case "count":
      return "a whole number from 1";
    case "number":
      return "a whole number from 0";
    case "port":
      return `a port from 1 to ${largestPort}`;
    case "size":
      return least === undefined ? "a size such as 512M or 20G" : `a size of at least ${least}, such as 512M or 20G`;
    case "path":
      return "a path";
    default:
      return "a text";
  }
}

function hintOf(flag: string, text: string, { kind, choices, value }: OptionSpec): string {
  if (choices) return didYouMean(text, choices, `Give ${flag} ${choices.join("|")}`);
  const examples: Partial<Record<OptionKind, string>> = { count: "2", number: "30", port: "2222", size: "2G" };
  return `Such as ${flag} ${examples[kind] ?? value ?? "VALUE"}`;
}

const largestPort = 65_535;

const powers: Record<string, number> = { "": 0, K: 1, M: 2, G: 3, T: 4 };

/** Bytes of `512M`, `1.5G`, `1048576`. */
export function parseSize(text: string): number | undefined {
  const [, figure, unit] = /^(\d+(?:\.\d+)?)([KMGT]?)(?:i?B)?$/i.exec(text) ?? [];
  if (figure === undefined || unit === undefined) return undefined;
  const bytes = Math.round(Number(figure) * 1024 ** (powers[unit.toUpperCase()] ?? 0));
  return bytes > 0 && Number.isSafeInteger(bytes) ? bytes : undefined;
}
