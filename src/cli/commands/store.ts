import { join, resolve } from "node:path";
import { exitStatus, HadronError, programName } from "../../base/mod.ts";
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
  type Store,
  type StoreEntry,
  type TakenOutput,
  takeBuildLock,
  takeOutputs,
  takeWholeStore,
  toolboxSetDigest,
  verifyStore,
} from "../../engine/mod.ts";
import type { Arch } from "../../recipe/mod.ts";
import { formatBytes, formatSeconds, renderTable } from "../../report/mod.ts";
import { type Context, defineCommand } from "../command.ts";
import { namedFiles } from "../named-files.ts";
import { openProject, sourceProvider } from "../project.ts";

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
    }
  | { action: "import"; outputs: TakenOutput[] };

export const command = defineCommand("store", {
  run: async (input, context): Promise<Data> => {
    const { action, archive, olderThan, maxSize, remove } = input;
    const { cacheRoot, emit, signal, root } = context;
    if (action !== "import" && archive !== undefined) throw archiveMisplaced(action);
    if (action === "path") return { action, path: cacheRoot };
    if (action === "list") return { action, entries: await listStore(lookAtStore(cacheRoot)) };
    const store = await openStore(cacheRoot);
    if (action === "import") return { action, outputs: await importOutputs(input, context, store) };
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
      case "import":
        return renderImported(data.outputs);
    }
  },
  status: (data) => {
    if (data.action === "import") return data.outputs.some(isDifferent) ? exitStatus.step : 0;
    return data.action === "verify" && data.damaged.length > 0 ? exitStatus.store : 0;
  },
});

function archiveMisplaced(action: string): HadronError {
  return new HadronError(
    action === "import" ? "What is to be imported?" : `"${programName()} store ${action}" takes no file`,
    {
      kind: "usage",
      code: "USAGE_ARGUMENT",
      hint: `${programName()} store import FILE takes the tar file that a build by Docker brought out`,
    },
  );
}

/** The outputs are of the steps of this checkout: whose they are is said by the names of the archive's folders. */
async function importOutputs(
  { archive, arch }: { archive: string | undefined; arch: Arch },
  context: Context,
  store: Store,
): Promise<TakenOutput[]> {
  if (archive === undefined) throw archiveMisplaced("import");
  const { cacheRoot, emit, signal } = context;
  const project = await openProject(arch, context, { images: "all" });
  await using _lock = await takeBuildLock(emit, { signal });
  const sources = sourceProvider({ lock: project.lock, cacheRoot });
  const toolbox = { digest: await toolboxSetDigest("build") };
  return await takeOutputs(project.graph.steps, resolve(archive), { store, toolbox, sources, signal });
}

function isDifferent({ outcome }: TakenOutput): boolean {
  return outcome === "different";
}

function renderImported(outputs: readonly TakenOutput[]): string {
  const count = (outcome: TakenOutput["outcome"]) => outputs.filter((output) => output.outcome === outcome).length;
  const rows = outputs
    .filter(isDifferent)
    .map(({ step, expected = "", output }) => [step, expected.slice(0, 12), output.slice(0, 12)]);
  const table = rows.length === 0 ? "" : `${renderTable(["STEP", "HERE", "IMPORTED"], rows)}\n`;
  return `${table}${outputs.length} outputs: ${count("new")} new, ${count("same")} as the store has them, ${rows.length} otherwise\n`;
}

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
