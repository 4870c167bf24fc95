import { cacheRoot, jsonText, projectRoot } from "../base/mod.ts";
import { type EventFormat, openRenderer, renderErrorReport, reportError, wantsColour } from "../report/mod.ts";
import type { Command } from "./command.ts";
import { commandModules } from "./command-modules.ts";
import { openInterruption } from "./interruption.ts";
import { killDescendants } from "./kill-descendants.ts";
import { parseInput } from "./parse-input.ts";
import type { CommandRequest } from "./program.ts";
import { useProxyOf } from "./proxy.ts";
import type { CommandName, Input } from "./table.ts";

/** Runs one command: progress to stderr, the result to stdout. Gives the exit status. */
export async function runCommand(request: CommandRequest): Promise<number> {
  const input = parseInput(request, process.env) as Input<CommandName>;
  useProxyOf(process.env);
  const { command } = (await commandModules[request.name]()) as { command: Command<CommandName, unknown> };
  using renderer = openRenderer(process.stderr, input.events as EventFormat);
  using interruption = openInterruption(() => renderer[Symbol.dispose]());
  const takeTerminal = ({ keepInterrupt = false } = {}): void => {
    renderer[Symbol.dispose]();
    if (keepInterrupt) interruption.ignoreInterrupt();
  };
  try {
    const data = await command.run(input, {
      emit: renderer.emit,
      signal: interruption.signal,
      root: projectRoot,
      cacheRoot: cacheRoot(),
      environment: process.env,
      takeTerminal,
    });
    takeTerminal();
    process.stdout.write(textOf(command, data, input));
    return interruption.status() ?? command.status?.(data) ?? 0;
  } catch (error) {
    takeTerminal();
    const interrupted = interruption.status();
    if (interrupted !== undefined) {
      killDescendants();
      process.stderr.write("Interrupted\n");
      return interrupted;
    }
    return showError(error, input.json);
  }
}

/** What a command that succeeded writes to stdout. */
export function textOf(command: Command<CommandName, unknown>, data: unknown, input: Input<CommandName>): string {
  return input.json ? jsonText(data, 2) : command.render(data, input);
}

/**
 * The text of an error goes to stderr; with `--json` its data goes to stdout as well, as `{"error": {…}}`, so that stdout
 * holds exactly one document either way. Gives the exit status.
 */
export function showError(error: unknown, json: boolean): number {
  const report = reportError(error);
  if (json) process.stdout.write(jsonText({ error: report }, 2));
  process.stderr.write(renderErrorReport(report, { colour: wantsColour(process.stderr, process.env) }));
  return report.exitStatus;
}
