import { chmod, copyFile, mkdir, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { runProcess } from "../../src/base/mod.ts";
import type { BuildOptions } from "../../src/engine/mod.ts";
import { runInSandbox } from "../../src/engine/sandbox/sandbox.ts";
import { removeTree } from "../../src/engine/store/store.ts";
import type { Step } from "../../src/graph/mod.ts";

/** A year and some days later, at another time of the day. Forwards: files of the future would make `make` wait. */
const laterSeconds = 400 * 86_400 + 5 * 3600 + 7 * 60 + 11;

/** More than this machine has. As many are told to programs of the toolbox; jobs are as many, too. */
export const otherCount: number = availableParallelism() + 3;

/** Steps that took at most so many seconds run on one CPU; the others would hold a rebuild up for an hour. */
const pinnedSeconds = 120;

/** Below /usr/lib of the tree. */
const library = "hadron-elsewhere.so";

/**
 * The toolbox as a tree that tells another time and another number of CPUs (elsewhere.c). Its digest stays that of the first, so
 * that keys do.
 * @param folder A new one is made; hard links where it is on the toolbox's file system
 */
export async function toolboxElsewhere(
  toolbox: BuildOptions["toolbox"],
  folder: string,
): Promise<BuildOptions["toolbox"]> {
  const tree = join(folder, "tree");
  const parts = join(folder, "parts");
  await removeTree(folder);
  await mkdir(parts, { recursive: true });
  await copyTree(toolbox.root, tree);
  const command = [
    ..."gcc -shared -fPIC -O2 -Wall -Wextra -Werror".split(" "),
    ...[`-DLATER=${laterSeconds}`, `-DCPUS=${otherCount}`, "-o", `/out/${library}`, "/run/elsewhere.c"],
  ];
  const logFile = join(folder, "compiler.log");
  const status = await runInSandbox({
    ...toolbox,
    readOnly: [{ host: join(import.meta.dirname, "elsewhere.c"), mount: "/run/elsewhere.c" }],
    writable: [{ host: parts, mount: "/out" }],
    env: { PATH: "/usr/bin", TMPDIR: "/out", LC_ALL: "C" },
    command,
    logFile,
  });
  if (status !== 0) throw new Error(`The toolbox's compiler ended with status ${status}: see "${logFile}"`);
  const [place, list] = [join(tree, "usr/lib", library), join(tree, "etc/ld.so.preload")];
  await copyFile(join(parts, library), place);
  await chmod(place, 0o755);
  await writeFile(list, `/usr/lib/${library}\n`);
  await chmod(list, 0o644);
  return { ...toolbox, root: tree };
}

/**
 * Words before each step: the job count, and one CPU for those that are quick, of this process' CPUs in turn. So programs that are not linked with the
 * toolbox's C library see another number of CPUs as well.
 * @param seconds What steps took before
 */
export function aroundElsewhere(
  seconds: ReadonlyMap<string, number>,
  cpus: readonly number[],
): NonNullable<BuildOptions["around"]> {
  let turn = 0;
  return ({ id }: Pick<Step, "id">) => {
    const words = ["/usr/bin/env", `JOBS=${otherCount}`];
    const cpu = cpus[turn++ % cpus.length];
    if (cpu === undefined || (seconds.get(id) ?? 0) > pinnedSeconds) return words;
    return [...words, "/usr/bin/taskset", "-c", String(cpu)];
  };
}

/** `Cpus_allowed_list` of proc_pid_status(5): `0-1,4` → 0, 1, 4. */
export function cpuList(status: string): number[] {
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? "";
  return list.split(",").flatMap((range) => {
    const [from = Number.NaN, to = from] = range.split("-").map(Number);
    return Array.from({ length: to - from + 1 }, (_, index) => from + index);
  });
}

async function copyTree(from: string, to: string): Promise<void> {
  const copy = (how: string) =>
    runProcess("cp", [how, from, to], { env: { PATH: process.env.PATH ?? "", LC_ALL: "C" } });
  if ((await copy("-al")).exitCode === 0) return;
  await removeTree(to);
  const { exitCode, stderr } = await copy("-a");
  if (exitCode !== 0) throw new Error(`Could not copy "${from}": ${stderr}`);
}
