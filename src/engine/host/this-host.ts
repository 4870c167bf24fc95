import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access, readFile, statfs } from "node:fs/promises";
import { availableParallelism, machine, totalmem } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { cacheRoot, isSystemError } from "../../base/mod.ts";
import { debianMirrors } from "../debian-mirror.ts";
import { bubblewrapCommand, hasBubblewrap } from "../sandbox/sandbox.ts";
import type { Host } from "./host.ts";

export interface ThisHostOptions {
  /** The unpacked toolbox set that holds bubblewrap, where it is there. */
  sandboxTree?: string | undefined;
  /** Debian mirrors that the user named. */
  mirror?: string | undefined;
  /** Whether the cache holds all that the locks pin; only the mirror's check wants to know. */
  hasEverything?: boolean;
}

/** The machine that this process runs on. */
export async function thisHost({ sandboxTree, mirror, hasEverything = false }: ThisHostOptions = {}): Promise<Host> {
  return {
    platform: process.platform,
    machine: machine(),
    isRoot: process.getuid?.() === 0,
    cacheRoot: cacheRoot(),
    environment: process.env,
    readText,
    exists: (path) => can(path, constants.F_OK),
    isWritable: (path) => can(path, constants.R_OK | constants.W_OK),
    which,
    run,
    freeBytes,
    memory: await readMemory(),
    bubblewrap: sandboxTree !== undefined && hasBubblewrap(sandboxTree) ? bubblewrapCommand(sandboxTree) : undefined,
    debianMirrors: debianMirrors({ mirror }),
    hasEverything,
  };
}

/** CPUs that this process may use. */
export const cpuCount: () => number = availableParallelism;

async function readText(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").catch(() => undefined);
}

async function can(path: string, mode: number): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  );
}

async function which(program: string): Promise<string | undefined> {
  for (const folder of (process.env.PATH ?? "").split(delimiter).filter(Boolean)) {
    const path = join(folder, program);
    if (await can(path, constants.X_OK)) return path;
  }
  return undefined;
}

function run(program: string, args: string[]): Promise<{ ok: boolean; output: string }> {
  return new Promise((done) => {
    execFile(program, args, { timeout: 10_000, killSignal: "SIGKILL" }, (error, stdout, stderr) =>
      done({ ok: error === null, output: `${stdout}${stderr}`.trim() || (error?.message ?? "") }),
    );
  });
}

async function freeBytes(path: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  } catch (error) {
    if (isSystemError(error, "ENOENT") && dirname(path) !== path) return freeBytes(dirname(path));
    throw error;
  }
}

async function readMemory(): Promise<Host["memory"]> {
  const available = /^MemAvailable:\s+(\d+) kB/m.exec((await readText("/proc/meminfo")) ?? "")?.[1];
  return { total: totalmem(), available: available === undefined ? totalmem() : Number(available) * 1024 };
}
