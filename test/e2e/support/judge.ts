import { join } from "node:path";
import { cacheRoot, type ProcessResult, runProcess } from "../../../src/base/mod.ts";
import { ensureToolboxSet } from "../../../src/engine/mod.ts";

/**
 * Runs another project's tool, from a set of the toolbox, on files of this machine: by its own loader, so that this machine's
 * libraries don't matter.
 * @param program Below the set's root
 */
export async function judge(
  set: "build" | "containers" | "judges" | "signing" | "vm",
  program: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<ProcessResult> {
  const { path } = await ensureToolboxSet(set, { cacheRoot: cacheRoot() });
  const [loader, ...words] = judgeCommand(path, program, args);
  return runProcess(loader, words, { env: { LC_ALL: "C", ...env } });
}

/** The command that does so. */
export function judgeCommand(tree: string, program: string, args: string[]): [string, ...string[]] {
  const loader = join(tree, "usr/lib64/ld-linux-x86-64.so.2");
  return [loader, "--library-path", join(tree, "usr/lib/x86_64-linux-gnu"), join(tree, program), ...args];
}

/** Runs a program of the OS itself on this machine: in its tree the C library is the loader. */
export async function runOfOs(tree: string, program: string, args: string[]): Promise<ProcessResult> {
  const libraries = ["usr/lib", "usr/lib/systemd"].map((folder) => join(tree, folder)).join(":");
  const words = ["--library-path", libraries, join(tree, program), ...args];
  return runProcess(join(tree, "usr/lib/libc.so"), words, { env: { LC_ALL: "C" } });
}
