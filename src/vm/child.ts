import { spawn } from "node:child_process";
import { atExit } from "./at-exit.ts";

export interface Child {
  /** When the process and all who hold its output are gone. Never rejects; `code` is null after a signal or a failed start. */
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  hasEnded(): boolean;
  /** The end of its standard output and error, at most 16 KiB. */
  output(): string;
  /** SIGKILL: no clean-up, as in a power cut. */
  kill(): void;
}

const kept = 16 * 1024;

/**
 * Starts a sandboxed program in a session of its own, so that Ctrl-C in the terminal reaches only us.
 * "ended" waits for the pipes to close, not for the first process alone: bubblewrap's outer process may go some
 * milliseconds before the program, which still holds its locks on disk images.
 */
export function startChild(command: string[]): Child {
  const [program = "", ...rest] = command;
  const child = spawn(program, rest, { stdio: ["ignore", "pipe", "pipe"], detached: true });
  let text = "";
  let hasEnded = false;
  const keep = (chunk: string) => {
    text = (text + chunk).slice(-kept);
  };
  child.stdout.setEncoding("utf8").on("data", keep);
  child.stderr.setEncoding("utf8").on("data", keep);
  const forget = atExit(() => void child.kill("SIGKILL"));
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.on("error", (error) => {
      keep(`${error.message}\n`);
      if (child.pid === undefined) resolve({ code: null, signal: null });
    });
    child.on("close", (code, signal) => resolve({ code, signal }));
  }).finally(() => {
    hasEnded = true;
    forget();
  });
  return { ended, hasEnded: () => hasEnded, output: () => text, kill: () => void child.kill("SIGKILL") };
}
