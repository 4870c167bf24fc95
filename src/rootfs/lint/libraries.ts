import { parseElf } from "./elf.ts";
import type { Finding, Linter } from "./linter.ts";

/** The loader's own path, and systemd's private one (its RPATH). */
const folders = ["usr/lib", "usr/lib/systemd"];

export const libraries: Linter = {
  name: "libraries",
  what: "Every program has musl's loader, and every library that a program needs is there",
  check: (tree, { loader }) =>
    tree.entries.flatMap(({ path, kind }): Finding[] => {
      const elf = kind === "file" ? parseElf(tree.read(path)) : undefined;
      if (!elf) return [];
      const findings: Finding[] = [];
      if (elf.interpreter !== undefined && elf.interpreter !== `/lib/${loader}`)
        findings.push({
          path,
          what: `Has the loader "${elf.interpreter}", not "/lib/${loader}"`,
          hint: "It was linked for another system; make its build use $CC",
        });
      for (const name of elf.needed)
        if (!folders.some((folder) => tree.resolve(`${folder}/${name}`)?.kind === "file"))
          findings.push({
            path,
            what: `Needs "${name}", which is not there`,
            hint: "Add the library's recipe to needs.libs of the program's",
          });
      return findings;
    }),
};
