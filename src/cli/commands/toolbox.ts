import { existsSync } from "node:fs";
import { join } from "node:path";
import { compareText } from "../../base/mod.ts";
import {
  ensureToolboxSet,
  formatToolboxChange,
  readToolboxLock,
  type ToolboxChange,
  toolboxChanges,
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

type Data =
  | { action: "list" | "fetch" | "path"; sets: SetRow[] }
  /** What is pinned otherwise than before. */
  | { action: "update"; changes: ToolboxChange[] };

export const command = defineCommand("toolbox", {
  run: async ({ action, set, mirror, offline, allowUnsignedIndex }, context): Promise<Data> => {
    const { cacheRoot, emit, signal } = context;
    if (action === "update") {
      // One that can't be read is written anew, and then everything in it is.
      const before = await readToolboxLock().catch(() => undefined);
      const after = await updateToolboxLock({ mirror, emit, signal, allowUnsigned: allowUnsignedIndex });
      return { action, changes: toolboxChanges(before, after) };
    }
    const names = (set.length === 0 ? Object.keys(toolboxSets) : [...new Set(set)]).sort(compareText);
    // Without a name, what every checkout needs.
    const wanted = names.filter((name) => set.length > 0 || toolboxSets[name]?.onDemand !== true);
    if (action === "fetch")
      for (const name of wanted) await ensureToolboxSet(name, { cacheRoot, emit, mirror, offline, signal });
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
  render: (data) => {
    switch (data.action) {
      case "path":
        return data.sets.map(({ path }) => `${path}\n`).join("");
      case "update":
        return data.changes.length === 0
          ? "Nothing changed\n"
          : data.changes.map((change) => `${formatToolboxChange(change)}\n`).join("");
      default:
        return renderSets(data.sets);
    }
  },
});

function renderSets(sets: SetRow[]): string {
  return renderTable(
    ["SET", "PACKAGES", "DOWNLOAD", "UNPACKED", "SUMMARY"],
    sets.map(({ set, packages, size, present, summary }) => [
      set,
      String(packages),
      formatBytes(size),
      present ? "yes" : "no",
      summary,
    ]),
  );
}
