import { join } from "node:path";
import { cacheRoot, type ProcessResult, runProcess } from "../../../src/base/mod.ts";
import { ensureToolboxSet } from "../../../src/engine/mod.ts";
import { loaderCommand } from "../../../src/vm/sandbox.ts";

/** Runs another project's tool, from a set of the toolbox, on a file of this machine. @param program Below the set's root */
export async function judge(set: "judges" | "vm", program: string, args: string[]): Promise<ProcessResult> {
  const { path } = await ensureToolboxSet(set, { cacheRoot: cacheRoot() });
  const [loader = "", ...words] = loaderCommand(path, program);
  return runProcess(loader, [...words, ...args], { env: { LC_ALL: "C" } });
}

/** Runs a program of the OS itself on this machine: in its tree the C library is the loader. */
export async function runOfOs(tree: string, program: string, args: string[]): Promise<ProcessResult> {
  const libraries = ["usr/lib", "usr/lib/systemd"].map((folder) => join(tree, folder)).join(":");
  const words = ["--library-path", libraries, join(tree, program), ...args];
  return runProcess(join(tree, "usr/lib/libc.so"), words, { env: { LC_ALL: "C" } });
}
