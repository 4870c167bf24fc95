import { join } from "node:path";
import { exitStatus } from "../../base/mod.ts";
import {
  collectGarbage,
  type Damage,
  downloadFolders,
  listStore,
  openStore,
  removeStaleParts,
  type StoreEntry,
  takeBuildLock,
  verifyStore,
} from "../../engine/mod.ts";
import { formatBytes, formatSeconds, renderTable } from "../../report/mod.ts";
import { defineCommand } from "../command.ts";

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
    };

export const command = defineCommand("store", {
  run: async ({ action, olderThan, maxSize, remove }, { cacheRoot, emit, signal }): Promise<Data> => {
    if (action === "path") return { action, path: cacheRoot };
    const store = await openStore(cacheRoot);
    if (action === "list") return { action, entries: await listStore(store) };
    // A build may be about to use, or to write, what these look at.
    await using _lock = await takeBuildLock(emit, { signal });
    if (action === "verify") return { action, ...(await verifyStore(store, { remove })), removed: remove };
    const limits = {
      ...(olderThan === undefined ? {} : { olderThanDays: olderThan }),
      ...(maxSize === undefined ? {} : { maxBytes: maxSize }),
    };
    return {
      action,
      ...(await collectGarbage(store, limits)),
      downloads: await removeStaleParts(downloadFolders.map((name) => join(cacheRoot, name))),
    };
  },
  render: (data) => {
    switch (data.action) {
      case "path":
        return `${data.path}\n`;
      case "list":
        return renderTable(
          ["STEP", "SIZE", "TOOK", "LAST USED", "OUTPUT"],
          data.entries.map(({ step, size, seconds, lastUsed, output }) => [
            step,
            formatBytes(size),
            formatSeconds(seconds),
            new Date(lastUsed).toISOString().slice(0, 10),
            output,
          ]),
        );
      case "verify":
        return renderVerified(data);
      case "gc":
        return renderCollected(data);
    }
  },
  status: (data) => (data.action === "verify" && data.damaged.length > 0 ? exitStatus.store : 0),
});

function renderCollected({ removed, freed, kept, downloads }: Extract<Data, { action: "gc" }>): string {
  const parts =
    downloads.removed > 0
      ? `Removed ${downloads.removed} interrupted downloads (${formatBytes(downloads.freed)})\n`
      : "";
  return `Removed ${removed} outputs (${formatBytes(freed)}), kept ${kept}\n${parts}`;
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
    : "hadron store verify --remove removes them, so that they are built again";
  return `${lines.join("")}${damaged.length} of ${checked} outputs are damaged. ${next}\n`;
}
