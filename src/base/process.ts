import { createWriteStream } from "node:fs";
import { execa } from "execa";

export interface ProcessOptions {
  /** The whole environment; nothing is inherited. */
  env?: Record<string, string>;
  cwd?: string;
  /** Gets every byte of stdout and stderr, as they come. Overwritten. */
  logFile?: string;
  onLine?: (line: string) => void;
  /** `"inherit"` hands over the terminal. */
  terminal?: "inherit";
  input?: string | Uint8Array;
  signal?: AbortSignal;
}

export interface ProcessResult {
  /** 128 + signal number where a signal ended it. */
  exitCode: number;
  /** Empty when a log file, a line callback or the terminal took the output. */
  stdout: string;
  stderr: string;
}

/** Runs a program and never throws for its exit status; throws when it cannot be started. */
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
  if (options.onLine || options.logFile) {
    const log = options.logFile ? createWriteStream(options.logFile) : undefined;
    const child = execa(file, args, { ...base, all: true, buffer: false });
    child.all.on("data", (chunk: Buffer) => log?.write(chunk));
    if (options.onLine) for await (const line of child.iterable({ from: "all" })) options.onLine(String(line));
    const result = await child;
    if (log) await new Promise<void>((done, failed) => log.end((error?: Error | null) => (error ? failed(error) : done())));
    return { exitCode: statusOf(result), stdout: "", stderr: "" };
  }
  const result = await execa(file, args, base);
  return { exitCode: statusOf(result), stdout: String(result.stdout ?? ""), stderr: String(result.stderr ?? "") };
}

function statusOf(result: { exitCode?: number | undefined; signal?: string | undefined; cause?: unknown }): number {
  if (result.exitCode !== undefined) return result.exitCode;
  if (result.signal !== undefined) return 128 + (signalNumbers[result.signal] ?? 0);
  throw result.cause instanceof Error ? result.cause : new Error("Process did not start", { cause: result.cause });
}

const signalNumbers: Record<string, number> = { SIGHUP: 1, SIGINT: 2, SIGABRT: 6, SIGKILL: 9, SIGSEGV: 11, SIGTERM: 15 };
