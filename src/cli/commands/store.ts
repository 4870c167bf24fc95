import { join } from "node:path";
import { exitStatus, programName } from "../../base/mod.ts";
import {
  collectGarbage,
  type Damage,
  downloadFolders,
  listStore,
  lookAtStore,
  openStore,
  type Removed,
  removeStaleParts,
  removeUnnamed,
  type StoreEntry,
  takeBuildLock,
  takeWholeStore,
  verifyStore,
} from "../../engine/mod.ts";
import { formatBytes, formatSeconds, renderTable } from "../../report/mod.ts";
import { defineCommand } from "../command.ts";
import { namedFiles } from "../named-files.ts";

type Data =
  | { action: "list"; entries: StoreEntry[] }
  | { action: "path"; path: string }
  | { action: "verify"; checked: number; damaged: Damage[]; removed: boolean }
  | {
      action: "gc";
      removed: number;
      freed: number;
      kept: number;
      /** What interrupted downloads left. */
      downloads: { removed: number; freed: number };
      /** What no lock names any more. */
      unnamed: Removed;
    };

export const command = defineCommand("store", {
  run: async ({ action, olderThan, maxSize, remove }, { cacheRoot, emit, signal, root }): Promise<Data> => {
    if (action === "path") return { action, path: cacheRoot };
    if (action === "list") return { action, entries: await listStore(lookAtStore(cacheRoot)) };
    const store = await openStore(cacheRoot);
    // A build may be about to use, or to write, what these look at.
    await using _lock = await takeBuildLock(emit, { signal });
    await using _readers = await takeWholeStore(emit, { signal });
    if (action === "verify") return { action, ...(await verifyStore(store, { remove })), removed: remove };
    const named = await namedFiles(root);
    const limits = {
      ...(olderThan === undefined ? {} : { olderThanDays: olderThan }),
      ...(maxSize === undefined ? {} : { maxBytes: maxSize }),
    };
    return {
      action,
      ...(await collectGarbage(store, limits)),
      downloads: await removeStaleParts(downloadFolders.map((name) => join(cacheRoot, name))),
      unnamed: await removeUnnamed(cacheRoot, named, { olderThanDays: olderThan }),
    };
  },
  render: (data) => {
    switch (data.action) {
      case "path":
        return `${data.path}\n`;
      case "list":
        return renderEntries(data.entries);
      case "verify":
        return renderVerified(data);
      case "gc":
        return renderCollected(data);
    }
  },
  status: (data) => (data.action === "verify" && data.damaged.length > 0 ? exitStatus.store : 0),
});

export function renderEntries(entries: readonly StoreEntry[]): string {
  const rows = entries.map(({ step, size, seconds, lastUsed, output, hasTree }) => [
    step,
    formatBytes(size),
    formatSeconds(seconds),
    new Date(lastUsed).toISOString().slice(0, 10),
    `${output.slice(0, 12)}${hasTree ? "" : " (gone)"}`,
  ]);
  // Steps may have the same output.
  const here = new Map(entries.flatMap(({ output, size, hasTree }) => (hasTree ? [[output, size]] : [])));
  const bytes = [...here.values()].reduce((sum, size) => sum + size, 0);
  const gone = new Set(entries.flatMap(({ output, hasTree }) => (hasTree ? [] : [output]))).size;
  const rest = gone === 0 ? "" : `; of ${gone} more only the digest is known`;
  return `${renderTable(["STEP", "SIZE", "TOOK", "LAST USED", "OUTPUT"], rows)}\n${here.size} outputs, ${formatBytes(bytes)}${rest}\n`;
}

function renderCollected({ removed, freed, kept, downloads, unnamed }: Extract<Data, { action: "gc" }>): string {
  const others = [
    { what: "interrupted downloads", ...downloads },
    { what: "toolbox trees that no lock names", ...unnamed.toolbox },
    { what: "packages that no lock names", ...unnamed.packages },
    { what: "sources that no lock names", ...unnamed.sources },
  ];
  return [
    `Removed ${removed} outputs (${formatBytes(freed)}), kept ${kept}`,
    ...others.filter((it) => it.removed > 0).map((it) => `Removed ${it.removed} ${it.what} (${formatBytes(it.freed)})`),
    "",
  ].join("\n");
}

function renderVerified({
  checked,
  damaged,
  removed,
}: {
  checked: number;
  damaged: Damage[];
  removed: boolean;
}): string {
  if (damaged.length === 0) return `All ${checked} outputs are as they were written\n`;
  const lines = damaged.map(
    ({ path, found, steps }) => `damaged: ${path} (${steps.join(", ") || "no step's"}), found ${found}\n`,
  );
  const next = removed
    ? "They are removed and will be built again"
    : `${programName()} store verify --remove removes them, so that they are built again`;
  return `${lines.join("")}${damaged.length} of ${checked} outputs are damaged. ${next}\n`;
}
