import { spawnSync } from "node:child_process";
import { projectRoot } from "../../src/base/mod.ts";

export interface CommandOptions {
  directory?: string;
  env?: Record<string, string>;
}

/** Runs a command to its end and returns its wall-clock time in seconds; its output is shown only if it fails. */
export async function secondsOf(command: string[], options: CommandOptions = {}): Promise<number> {
  const started = performance.now();
  runCommand(command, options);
  return (performance.now() - started) / 1000;
}

/** Standard output of a command that must succeed. */
export function runCommand([program = "", ...args]: string[], options: CommandOptions = {}): string {
  const result = spawnSync(program, args, {
    cwd: options.directory ?? projectRoot,
    env: { ...process.env, ...options.env },
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  if (result.status === 0) return result.stdout;
  throw new Error(
    `"${[program, ...args].join(" ")}" ended with status ${result.status}\n${result.stdout}${result.stderr}`,
    {
      cause: result.error,
    },
  );
}
