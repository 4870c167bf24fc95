import { compareText } from "../../base/mod.ts";
import {
  fetchSources,
  formatSourceChange,
  listSources,
  readSourceLock,
  refuseDamagedSources,
  type SourceChange,
  type SourceRow,
  sourceEntry,
  sourceNames,
  updateSources,
  type VerifiedSource,
  verifySources,
  writeSourceLock,
} from "../../engine/mod.ts";
import { formatBytes, renderTable } from "../../report/mod.ts";
import { defineCommand } from "../command.ts";
import { sourceOptions } from "../project.ts";

type Data =
  | { action: "list"; sources: SourceRow[] }
  | { action: "fetch"; sources: { name: string; version: string; origin: string; sha256: string; path: string }[] }
  | { action: "verify"; sources: VerifiedSource[] }
  | { action: "update"; changes: SourceChange[] };

export const command = defineCommand("sources", {
  run: async (input, context): Promise<Data> => {
    const lock = readSourceLock();
    for (const name of input.source) sourceEntry(name, lock);
    const names = input.source.length === 0 ? sourceNames(lock) : [...new Set(input.source)].sort(compareText);
    const { cacheRoot, emit, signal } = context;
    switch (input.action) {
      case "list":
        return {
          action: "list",
          sources: (await listSources({ lock, cacheRoot })).filter(({ name }) => names.includes(name)),
        };
      case "fetch": {
        const fetched = await fetchSources(names, sourceOptions(input, lock, context));
        const sources = [...fetched].map(([name, source]) => ({ name, ...source }));
        return { action: "fetch", sources: sources.sort((a, b) => compareText(a.name, b.name)) };
      }
      case "verify": {
        const verified = await verifySources({ lock, cacheRoot, names, emit });
        refuseDamagedSources(verified);
        return { action: "verify", sources: verified };
      }
      case "update": {
        const { mirror } = input;
        const updated = await updateSources({ lock, cacheRoot, names, mirror, emit, signal });
        if (updated.changes.length > 0) await writeSourceLock(updated.lock);
        return { action: "update", changes: updated.changes };
      }
    }
  },
  render: (data) => {
    switch (data.action) {
      case "list":
        return renderTable(
          ["SOURCE", "VERSION", "LICENCE", "ORIGIN", "SIZE", "FETCHED"],
          data.sources.map(({ name, version, licence, origin, size, present, place }) => [
            name,
            version,
            licence,
            origin,
            formatBytes(size),
            present ? (place ?? "yes") : "no",
          ]),
        );
      case "fetch":
        return renderTable(
          ["SOURCE", "VERSION", "ORIGIN", "SHA-256"],
          data.sources.map(({ name, version, origin, sha256 }) => [name, version, origin, sha256]),
        );
      case "verify":
        return renderTable(
          ["SOURCE", "STATE", "SHA-256"],
          data.sources.map(({ name, outcome, sha256 }) => [name, outcome, sha256]),
        );
      case "update":
        return data.changes.length === 0
          ? "Nothing is newer\n"
          : data.changes.map((change) => `${formatSourceChange(change)}\n`).join("");
    }
  },
});
