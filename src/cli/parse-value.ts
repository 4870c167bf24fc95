import { HadronError } from "../base/mod.ts";
import type { OptionSpec } from "./table-types.ts";

/** Reads the value of an option as its kind says. @throws HadronError `USAGE_VALUE` */
export function parseValue(flag: string, text: string, { kind, choices }: OptionSpec): string | number {
  if (choices && !choices.includes(text)) return refuse(flag, text, `one of ${choices.join(", ")}`);
  switch (kind) {
    case "count":
      return /^[1-9]\d{0,9}$/.test(text) ? Number(text) : refuse(flag, text, "a whole number from 1");
    case "number":
      return /^\d{1,10}$/.test(text) ? Number(text) : refuse(flag, text, "a whole number from 0");
    case "size":
      return parseSize(text) ?? refuse(flag, text, "a size such as 512M or 20G");
    default:
      return text;
  }
}

const powers: Record<string, number> = { "": 0, K: 1, M: 2, G: 3, T: 4 };

/** Bytes of `512M`, `1.5G`, `1048576`. */
export function parseSize(text: string): number | undefined {
  const [, figure, unit] = /^(\d+(?:\.\d+)?)([KMGT]?)(?:i?B)?$/i.exec(text) ?? [];
  if (figure === undefined || unit === undefined) return undefined;
  const bytes = Math.round(Number(figure) * 1024 ** (powers[unit.toUpperCase()] ?? 0));
  return bytes > 0 && Number.isSafeInteger(bytes) ? bytes : undefined;
}

function refuse(flag: string, text: string, expected: string): never {
  throw new HadronError(`Option ${flag} has the value "${text}", expected ${expected}`, {
    kind: "usage",
    code: "USAGE_VALUE",
  });
}
