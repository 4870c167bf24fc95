import { fileURLToPath } from "node:url";

/** File and line of the first caller outside this folder (its tests count as outside). */
export function callerPosition(): { file: string; line: number } {
  const lines = new Error().stack?.split("\n").slice(1) ?? [];
  for (const line of lines) {
    const match = /((?:file:\/\/|\/)[^()]+):(\d+):\d+\)?$/.exec(line);
    const file = match?.[1]?.startsWith("file:") ? fileURLToPath(match[1]) : match?.[1];
    if (!file || (file.startsWith(`${import.meta.dirname}/`) && !file.includes(".test."))) continue;
    return { file, line: Number(match?.[2]) };
  }
  return { file: "unknown", line: 0 };
}
