import { existsSync } from "node:fs";
import { join } from "node:path";
import { exitStatus } from "../../base/mod.ts";
import {
  type CheckRow,
  hostChecks,
  listSources,
  readSourceLock,
  runChecks,
  thisHost,
  toolboxSetDigest,
} from "../../engine/mod.ts";
import { defineCommand } from "../command.ts";

/** What building and booting take; the others are for tests. */
const neededSets = ["build", "sandbox", "vm"];

export const command = defineCommand("doctor", {
  run: async ({ mirror }, { cacheRoot, root }): Promise<{ checks: CheckRow[] }> => {
    const trees = await Promise.all(neededSets.map((name) => toolboxTree(name, cacheRoot)));
    const hasEverything =
      trees.every((tree) => tree !== undefined && existsSync(tree)) && (await hasSources(root, cacheRoot));
    const sandboxTree = trees[neededSets.indexOf("sandbox")];
    return { checks: await runChecks(await thisHost({ sandboxTree, mirror, hasEverything }), hostChecks) };
  },
  render: ({ checks }) => renderChecks(checks),
  status: ({ checks }) => (checks.some(({ state }) => state === "missing") ? exitStatus.host : 0),
});

/** Without a lock there is no toolbox; what is wrong with the lock, other commands say. */
async function toolboxTree(name: string, cacheRoot: string): Promise<string | undefined> {
  const digest = await toolboxSetDigest(name).catch(() => undefined);
  return digest === undefined ? undefined : join(cacheRoot, "toolbox", digest);
}

async function hasSources(root: string, cacheRoot: string): Promise<boolean> {
  try {
    const lock = readSourceLock(join(root, "sources.lock.json"));
    return (await listSources({ lock, cacheRoot })).every(({ present }) => present);
  } catch {
    return false;
  }
}

export function renderChecks(checks: CheckRow[]): string {
  const width = Math.max(...checks.map(({ check }) => check.length));
  const indent = " ".repeat(9 + width);
  const lines = checks.flatMap(({ check, why, state, found, mend }) => [
    `${state.padEnd(7)}  ${check.padEnd(width)}  ${found}`,
    ...(state === "ok" ? [] : [`${indent}  what for: ${why}`]),
    ...(mend === undefined ? [] : [`${indent}  mend: ${mend}`]),
  ]);
  return `${lines.join("\n")}\n`;
}
