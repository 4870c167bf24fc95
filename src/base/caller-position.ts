import { fileURLToPath } from "node:url";

/**
 * File and line of the first caller outside a file: where a description was written, for messages.
 * @param file The file that asks (`import.meta.filename`)
 */
export function callerPosition(file: string): { file: string; line: number } {
  for (const line of new Error().stack?.split("\n").slice(1) ?? []) {
    const match = /((?:file:\/\/|\/)[^()]+):(\d+):\d+\)?$/.exec(line);
    const caller = match?.[1]?.startsWith("file:") ? fileURLToPath(match[1]) : match?.[1];
    if (caller && caller !== file && caller !== import.meta.filename) return { file: caller, line: Number(match?.[2]) };
  }
  return { file: "unknown", line: 0 };
}
