import { cacheRoot } from "../../../src/base/mod.ts";
import { ensureToolboxSet } from "../../../src/engine/mod.ts";
import { type RunningCommand, startCommand } from "./hadron-command.ts";
import { judgeCommand } from "./judge.ts";

/** Starts a line of shell on a terminal of its own, by util-linux' script: what is written to it is typed there. */
export async function startOnTerminal(line: string): Promise<RunningCommand> {
  const { path } = await ensureToolboxSet("containers", { cacheRoot: cacheRoot() });
  const command = judgeCommand(path, "usr/bin/script", ["-qefc", line, "/dev/null"]);
  return startCommand(command, { env: { SHELL: "/bin/sh" } });
}

/** A word of such a line. */
export function typed(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
