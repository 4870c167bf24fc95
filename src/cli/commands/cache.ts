import { resolve } from "node:path";
import { HadronError, programName } from "../../base/mod.ts";
import { cacheRepository, closure, shareStore } from "../../engine/mod.ts";
import { formatBytes, formatNames } from "../../report/mod.ts";
import { defineCommand } from "../command.ts";
import { exportOutputs, openEntrySigner } from "../export-outputs.ts";
import { findBuilt, openProject } from "../project.ts";
import { stepsOf } from "../steps-of.ts";

/** What every component is built with. */
const toolchain = ["toolchain", "musl", "linux-headers"];

interface Exported {
  /** The folder or repository. */
  to: string;
  /** Steps in the export. */
  entries: number;
  /** Bytes of the outputs, compressed. */
  bytes: number;
  /** Steps that the store doesn't have, all of them. */
  missing: string[];
}

export const command = defineCommand("cache", {
  run: async (input, context): Promise<Exported> => {
    const { emit, signal } = context;
    const signer = await openEntrySigner({ ...input, offline: false }, context);
    const project = await openProject(input.arch, context);
    const wanted = stepsOf(input.toolchain ? toolchain : [], project, { withTests: true });
    const needed = [...closure(project.graph, wanted).keys()];
    // Nothing may be removed from the store meanwhile; a build may go on.
    await using _lock = await shareStore(emit, { signal });
    const { store, built } = await findBuilt(project, wanted, context);
    const missing = needed.filter((id) => !built.has(id));
    if (built.size === 0)
      throw new HadronError("Nothing of it is built, so there is nothing to export", {
        kind: "store",
        code: "CACHE_EMPTY",
        hint: `${programName()} build ${input.toolchain ? toolchain.join(" ") : ""}`.trim(),
      });
    if (missing.length > 0)
      emit({
        type: "warning",
        code: "CACHE_PARTIAL",
        message: `${missing.length} of ${needed.length} steps are not built, so not exported: ${formatNames(missing)}`,
      });
    const to = cacheRepository(input.to) === undefined ? resolve(input.to) : input.to;
    const exported = await exportOutputs(store, to, { results: [...built.values()], signer, input, context });
    return { to, ...exported, missing };
  },
  render: ({ to, entries, bytes }) => `${entries} step outputs, ${formatBytes(bytes)}, in ${to}\n`,
});
