import { spawn } from "node:child_process";
import { join } from "node:path";
import { projectRoot } from "../../../src/base/mod.ts";

export interface CommandResult {
  /** Null where a signal ended it. */
  status: number | null;
  stdout: string;
  stderr: string;
}

export interface CommandOptions {
  /** Whose `./hadron`; default this checkout. */
  checkout?: string;
  env?: Record<string, string>;
  /** Words before it, such as those of a sandbox. */
  wrapper?: readonly string[];
}

/** The command as a user runs it, to its end. */
export async function hadron(words: string[], options: CommandOptions = {}): Promise<CommandResult> {
  return startHadron(words, options).ended;
}

/** The data that a command prints with `--json`. @throws Error with what it wrote, unless it succeeded */
export async function hadronData<Data>(words: string[], options: CommandOptions = {}): Promise<Data> {
  const { status, stdout, stderr } = await hadron([...words, "--json"], options);
  if (status !== 0) throw new Error(`"hadron ${words.join(" ")}" ended with status ${status}\n${stderr}${stdout}`);
  return JSON.parse(stdout) as Data;
}

export interface RunningCommand {
  pid: number;
  /** What it wrote to stdout so far. */
  stdout(): string;
  stderr(): string;
  /** Types into its standard input. */
  write(text: string): void;
  signal(name: NodeJS.Signals): void;
  hasEnded(): boolean;
  ended: Promise<CommandResult>;
}

/** The same, to be talked to. `./hadron` becomes Node itself, so without a wrapper the process number is that of the command. */
export function startHadron(
  words: string[],
  { checkout = projectRoot, env = {}, wrapper = [] }: CommandOptions = {},
): RunningCommand {
  return startCommand([...wrapper, join(checkout, "hadron"), ...words], { checkout, env });
}

/** Any command, to be talked to. */
export function startCommand(
  [program = "", ...args]: readonly string[],
  { checkout = projectRoot, env = {} }: Omit<CommandOptions, "wrapper"> = {},
): RunningCommand {
  const child = spawn(program, args, {
    cwd: checkout,
    // Outputs that tests make up under the keys of real steps must not get into a cache that this machine is configured to fill.
    env: { ...process.env, HADRON_CACHE_TO: "", ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  let hasEnded = false;
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    stdout += chunk;
  });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    stderr += chunk;
  });
  // Who reads no input may be gone before all of it is written.
  child.stdin.on("error", () => {});
  const ended = new Promise<CommandResult>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => {
      hasEnded = true;
      resolve({ status, stdout, stderr });
    });
  });
  return {
    pid: child.pid ?? 0,
    stdout: () => stdout,
    stderr: () => stderr,
    write: (text) => void child.stdin.write(text),
    signal: (name) => void child.kill(name),
    hasEnded: () => hasEnded,
    ended,
  };
}
