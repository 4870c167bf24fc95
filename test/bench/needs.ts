import { rmSync } from "node:fs";
import { join } from "node:path";
import { cacheRoot } from "../../src/base/mod.ts";
import { diskUse, readSourceLock, readToolboxLock } from "../../src/engine/mod.ts";
import { exportBudgets } from "../budgets.ts";
import { runCommand } from "./command.ts";
import type { Figure } from "./figure.ts";
import { benchFolder } from "./timings.ts";

const megabyte = 1e6;

/** What a build takes of the network and the disk, and what it leaves for others. */
export const needs: Figure[] = [
  { what: "to download: sources", unit: "MB", measure: async () => sourceBytes() / megabyte },
  {
    what: "to download: toolbox for building",
    unit: "MB",
    measure: async () => (await setBytes("build", "sandbox")) / megabyte,
  },
  {
    what: "to download: toolbox for virtual machines",
    unit: "MB",
    measure: async () => (await setBytes("vm")) / megabyte,
  },
  { what: "outputs of all steps in the store", unit: "MB", measure: async () => (await outputBytes()) / megabyte },
  {
    what: exportBudgets.toolchain.what,
    unit: exportBudgets.toolchain.unit,
    reach: exportBudgets.toolchain.limit,
    measure: exportSize,
  },
];

function sourceBytes(): number {
  const { sources } = readSourceLock();
  return Object.values(sources).reduce((sum, { candidates }) => sum + (candidates[0]?.size ?? 0), 0);
}

async function setBytes(...names: string[]): Promise<number> {
  const { sets } = await readToolboxLock();
  return names.flatMap((name) => sets[name]?.packages ?? []).reduce((sum, { size }) => sum + size, 0);
}

/** Holes of disk images don't count. */
function outputBytes(): Promise<number> {
  return diskUse(join(cacheRoot(), "objects"));
}

async function exportSize(): Promise<number> {
  const folder = join(benchFolder, "toolchain");
  rmSync(folder, { recursive: true, force: true });
  const said = runCommand(["./hadron", "cache", "export", folder, "--toolchain", "--json"]);
  return (JSON.parse(said) as { bytes: number }).bytes / megabyte;
}
