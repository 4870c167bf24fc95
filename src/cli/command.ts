import type { Emit } from "../base/mod.ts";
import type { CommandName, Input } from "./table.ts";

/** What every command gets beside its own arguments and options. */
export interface Context {
  emit: Emit;
  /** Aborted by Ctrl-C, SIGTERM and SIGHUP. */
  signal: AbortSignal;
  /** The checkout. */
  root: string;
  cacheRoot: string;
  environment: NodeJS.ProcessEnv;
  /**
   * Ends the progress display: a shell or a serial console takes the terminal over.
   * @param options.keepInterrupt Ctrl-C is then the shell's alone
   */
  takeTerminal(options?: { keepInterrupt?: boolean }): void;
}

export interface Command<Name extends CommandName, Data> {
  /** Does the work and returns what `--json` prints. */
  run(input: Input<Name>, context: Context): Promise<Data>;
  /** The same for a person, line ends included. */
  render(data: Data, input: Input<Name>): string;
  /** The exit status where a result is not a success although nothing was thrown. */
  status?(data: Data): number;
}

/** Ties a command to its line in the table. */
export function defineCommand<Name extends CommandName, Data>(
  _name: Name,
  command: Command<Name, Data>,
): Command<Name, Data> {
  return command;
}
