import { sha256 } from "../../base/mod.ts";
import type { Linter } from "./linter.ts";

export const toolboxFiles: Linter = {
  name: "toolbox-files",
  what: "No file is the same as one of the toolbox's",
  check: (tree, facts) =>
    tree.entries
      .filter(({ kind, size, path }) => kind === "file" && size > 0 && facts.toolboxFiles.has(sha256(tree.read(path))))
      .map(({ path }) => ({
        path,
        what: "Is the same as a file of the toolbox",
        hint: "Build it from source instead of copying it",
      })),
};
