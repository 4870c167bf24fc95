import { parseElf } from "./elf.ts";
import type { Linter } from "./linter.ts";

/** What our GCC leaves in every object (`--with-pkgversion`). */
const ours = /^GCC: \(Hadron\) /;

export const compiler: Linter = {
  name: "compiler",
  what: "Every program and library was compiled by our compiler alone",
  check: (tree) =>
    tree.entries.flatMap(({ path, kind }) => {
      if (kind !== "file") return [];
      const elf = parseElf(tree.read(path));
      if (!elf) return [];
      if (elf.comments.length === 0)
        return [
          { path, what: "Does not say what compiled it", hint: "Build it from source; keep the section .comment" },
        ];
      return elf.comments
        .filter((comment) => !ours.test(comment))
        .map((comment) => ({
          path,
          what: `Was compiled by "${comment}", at least in part`,
          hint: "Make its build use $CC, and none of the toolbox's static libraries",
        }));
    }),
};
