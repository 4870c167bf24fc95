import { resolve } from "node:path";
import { HadronError } from "../../base/mod.ts";
import { closure, exportCache, takeBuildLock } from "../../engine/mod.ts";
import { formatBytes } from "../../report/mod.ts";
import { defineCommand } from "../command.ts";
import { findBuilt, openProject } from "../project.ts";
import { stepsOf } from "../steps-of.ts";

/** What every component is built with. */
const toolchain = ["toolchain", "musl", "linux-headers"];

interface Exported {
  dir: string;
  /** Steps in the export. */
  entries: number;
  /** Bytes of the outputs, compressed. */
  bytes: number;
  /** Steps that the store doesn't have. */
  missing: string[];
}

export const command = defineCommand("cache", {
  run: async (input, context): Promise<Exported> => {
    const { emit, signal } = context;
    const project = await openProject(input.arch, context);
    const wanted = stepsOf(input.toolchain ? toolchain : [], project, { withTests: true });
    const needed = [...closure(project.graph, wanted).keys()];
    const { store, built } = await findBuilt(project, wanted, context);
    // Nothing may be removed from the store meanwhile.
    await using _lock = await takeBuildLock(emit, { signal });
    const missing = needed.filter((id) => !built.has(id));
    if (built.size === 0)
      throw new HadronError("Nothing of it is built, so there is nothing to export", {
        kind: "usage",
        code: "CACHE_EMPTY",
        hint: `hadron build ${input.toolchain ? toolchain.join(" ") : ""}`.trim(),
      });
    if (missing.length > 0)
      emit({ type: "warning", code: "CACHE_PARTIAL", message: `Not built, so not exported: ${missing.join(", ")}` });
    const dir = resolve(input.dir);
    return { dir, ...(await exportCache(store, [...built.values()], dir, emit)), missing };
  },
  render: ({ dir, entries, bytes }) => `${entries} step outputs, ${formatBytes(bytes)}, in ${dir}\n`,
});
