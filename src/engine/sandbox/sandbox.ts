import { existsSync } from "node:fs";
import { join } from "node:path";
import { runProcess } from "../../base/mod.ts";

/** What bubblewrap needs to know of one run. All paths are absolute; `readOnly` and `writable` map sandbox to host. */
export interface SandboxOptions {
  /** Unpacked toolbox set that holds bubblewrap. */
  bubblewrap: string;
  /** Unpacked toolbox set that becomes the root file system. */
  root: string;
  readOnly: readonly { host: string; mount: string }[];
  writable: readonly { host: string; mount: string }[];
  /** The whole environment. */
  env: Record<string, string>;
  command: string[];
  logFile?: string;
  terminal?: "inherit";
  signal?: AbortSignal;
}

/** Folders that get a small tmpfs, so that single inputs can be mounted below them. */
const mountParents = ["/sources", "/needs"];

/**
 * Runs a command with the toolbox as its root: no network, no other processes, a fixed user and host name, nothing
 * writable but the given folders and what is in memory.
 * @returns the exit status, 128 + signal number where a signal ended it.
 */
export async function runInSandbox(options: SandboxOptions): Promise<number> {
  const [program, ...prefix] = bubblewrapCommand(options.bubblewrap);
  const result = await runProcess(program, [...prefix, ...bubblewrapArguments(options)], {
    env: {},
    ...(options.logFile ? { logFile: options.logFile } : {}),
    ...(options.terminal ? { terminal: options.terminal } : {}),
    ...(options.signal ? { signal: options.signal } : {}),
  });
  return result.exitCode;
}

/** The toolbox's bubblewrap by way of its own loader: whatever C library the host has. */
export function bubblewrapCommand(tree: string): [string, ...string[]] {
  return [
    join(tree, "usr/lib64/ld-linux-x86-64.so.2"),
    "--library-path",
    join(tree, "usr/lib/x86_64-linux-gnu"),
    join(tree, "usr/bin/bwrap"),
  ];
}

export function bubblewrapArguments(options: SandboxOptions): string[] {
  const parents = mountParents.filter((parent) => options.readOnly.some(({ mount }) => mount.startsWith(`${parent}/`)));
  return [
    ...["--unshare-all", "--die-with-parent", "--clearenv", "--hostname", "hadron", "--uid", "1000", "--gid", "1000"],
    ...(options.terminal ? [] : ["--new-session"]),
    ...["--ro-bind", options.root, "/", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/run"],
    ...parents.flatMap((parent) => ["--tmpfs", parent]),
    ...options.readOnly.flatMap(({ host, mount }) => ["--ro-bind", host, mount]),
    ...parents.flatMap((parent) => ["--remount-ro", parent]),
    ...options.writable.flatMap(({ host, mount }) => ["--bind", host, mount]),
    ...["--remount-ro", "/run", "--chdir", "/build"],
    ...Object.entries(options.env).flatMap(([name, value]) => ["--setenv", name, value]),
    "--",
    ...options.command,
  ];
}

/** Whether an unpacked set holds what the sandbox is started with. */
export function hasBubblewrap(tree: string): boolean {
  return existsSync(join(tree, "usr/bin/bwrap"));
}
