import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { execa } from "execa";

export interface ProcessOptions {
  /** The whole environment; nothing is inherited. */
  env?: Record<string, string>;
  cwd?: string;
  /** Gets stdout and stderr, written by the program itself. Overwritten. */
  logFile?: string;
  /** `"inherit"` hands over the terminal. */
  terminal?: "inherit";
  input?: string | Uint8Array;
  signal?: AbortSignal;
}

export interface ProcessResult {
  /** 128 + signal number where a signal ended it. */
  exitCode: number;
  /** Empty when a log file or the terminal took the output. */
  stdout: string;
  stderr: string;
}

/** Runs a program and never throws for its exit status; throws when it cannot be started or its log not be written. */
export async function runProcess(file: string, args: string[], options: ProcessOptions = {}): Promise<ProcessResult> {
  const base = {
    env: options.env ?? {},
    extendEnv: false,
    reject: false,
    cleanup: true,
    stripFinalNewline: false,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal, forceKillAfterDelay: 2000 }),
    ...(options.input === undefined ? { stdin: "ignore" as const } : { input: options.input }),
  };
  if (options.terminal === "inherit") {
    const result = await execa(file, args, { ...base, stdin: "inherit", stdout: "inherit", stderr: "inherit" });
    return { exitCode: statusOf(result), stdout: "", stderr: "" };
  }
  if (options.logFile) {
    const log = createWriteStream(options.logFile);
    await once(log, "open");
    try {
      // The program inherits the descriptor itself: nothing is lost when we are slow or die.
      const result = await execa(file, args, { ...base, stdout: log, stderr: log });
      return { exitCode: statusOf(result), stdout: "", stderr: "" };
    } finally {
      log.destroy();
    }
  }
  const result = await execa(file, args, base);
  return { exitCode: statusOf(result), stdout: String(result.stdout ?? ""), stderr: String(result.stderr ?? "") };
}

function statusOf(result: { exitCode?: number | undefined; signal?: string | undefined; cause?: unknown }): number {
  if (result.exitCode !== undefined) return result.exitCode;
  if (result.signal !== undefined) return 128 + (signalNumbers[result.signal] ?? 0);
  throw result.cause instanceof Error ? result.cause : new Error("Process did not start", { cause: result.cause });
}

const signalNumbers: Record<string, number> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGABRT: 6,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGTERM: 15,
};
