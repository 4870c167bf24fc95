import { join } from "node:path";
import { exitStatus } from "../../base/mod.ts";
import { type CheckRow, hostChecks, runChecks, thisHost, toolboxSetDigest } from "../../engine/mod.ts";
import { defineCommand } from "../command.ts";

export const command = defineCommand("doctor", {
  run: async ({ mirror }, { cacheRoot }): Promise<{ checks: CheckRow[] }> => {
    // Without a lock there is no toolbox; what is wrong with the lock, other commands say.
    const digest = await toolboxSetDigest("sandbox").catch(() => undefined);
    const sandboxTree = digest === undefined ? undefined : join(cacheRoot, "toolbox", digest);
    return { checks: await runChecks(await thisHost({ sandboxTree, mirror }), hostChecks) };
  },
  render: ({ checks }) => renderChecks(checks),
  status: ({ checks }) => (checks.some(({ state }) => state === "missing") ? exitStatus.host : 0),
});

export function renderChecks(checks: CheckRow[]): string {
  const width = Math.max(...checks.map(({ check }) => check.length));
  const lines = checks.flatMap(({ check, state, found, mend }) => [
    `${state.padEnd(7)}  ${check.padEnd(width)}  ${found}`,
    ...(mend === undefined ? [] : [`${" ".repeat(9 + width)}  mend: ${mend}`]),
  ]);
  return `${lines.join("\n")}\n`;
}
