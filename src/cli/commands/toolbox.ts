import { existsSync } from "node:fs";
import { join } from "node:path";
import { compareText } from "../../base/mod.ts";
import {
  ensureToolboxSet,
  readToolboxLock,
  toolboxSetDigest,
  toolboxSets,
  updateToolboxLock,
} from "../../engine/mod.ts";
import { formatBytes, renderTable } from "../../report/mod.ts";
import { defineCommand } from "../command.ts";

interface SetRow {
  set: string;
  summary: string;
  packages: number;
  /** Bytes to download. */
  size: number;
  path: string;
  /** Whether it is unpacked. */
  present: boolean;
}

export const command = defineCommand("toolbox", {
  run: async ({ action, set, mirror, offline }, context): Promise<{ action: string; sets: SetRow[] }> => {
    const { cacheRoot, emit, signal } = context;
    if (action === "update") await updateToolboxLock({ mirror, emit, signal });
    const names = (set.length === 0 ? Object.keys(toolboxSets) : [...new Set(set)]).sort(compareText);
    if (action === "fetch")
      for (const name of names) await ensureToolboxSet(name, { cacheRoot, emit, mirror, offline, signal });
    const lock = await readToolboxLock();
    const sets: SetRow[] = [];
    for (const name of names) {
      const path = join(cacheRoot, "toolbox", await toolboxSetDigest(name, { lock }));
      const packages = lock.sets[name]?.packages ?? [];
      sets.push({
        set: name,
        summary: toolboxSets[name]?.summary ?? "",
        packages: packages.length,
        size: packages.reduce((sum, { size }) => sum + size, 0),
        path,
        present: existsSync(path),
      });
    }
    return { action, sets };
  },
  render: ({ action, sets }) =>
    action === "path"
      ? sets.map(({ path }) => `${path}\n`).join("")
      : renderTable(
          ["SET", "PACKAGES", "DOWNLOAD", "UNPACKED", "SUMMARY"],
          sets.map(({ set, packages, size, present, summary }) => [
            set,
            String(packages),
            formatBytes(size),
            present ? "yes" : "no",
            summary,
          ]),
        ),
});
