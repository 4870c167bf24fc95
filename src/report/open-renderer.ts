import { wantsColour } from "./ansi.ts";
import { jsonRenderer } from "./json-renderer.ts";
import { plainRenderer } from "./plain-renderer.ts";
import type { Renderer } from "./renderer.ts";
import { terminalRenderer } from "./terminal-renderer.ts";

export { wantsColour } from "./ansi.ts";

/** How events are shown: `auto` is `terminal` where stderr is one, else `plain`. */
export type EventFormat = "auto" | "terminal" | "plain" | "json";

/** The renderer for a stream, normally stderr. */
export function openRenderer(
  stream: NodeJS.WriteStream,
  format: EventFormat = "auto",
  environment: NodeJS.ProcessEnv = process.env,
): Renderer {
  const write = (text: string): void => void stream.write(text);
  if (format === "json") return jsonRenderer(write);
  const canMoveCursor = stream.isTTY && environment.TERM !== "dumb";
  if (format === "plain" || (format === "auto" && !canMoveCursor)) return plainRenderer(write);
  return terminalRenderer({
    write,
    size: () => ({ columns: stream.columns || 80, rows: stream.rows || 24 }),
    colour: wantsColour(stream, environment),
  });
}
