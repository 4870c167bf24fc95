import { type Elf, parseElf } from "./elf.ts";
import type { Finding, Linter } from "./linter.ts";

export interface ElfRule {
  name: string;
  what: string;
  hint: string;
  /** What is wrong with a program or library; undefined where nothing is. */
  check(elf: Elf): string | undefined;
}

/** A linter that looks at each ELF file by itself. */
export function elfLinter({ name, what, hint, check }: ElfRule): Linter {
  return {
    name,
    what,
    check: (tree) =>
      tree.entries.flatMap(({ path, kind }): Finding[] => {
        const elf = kind === "file" ? parseElf(tree.read(path)) : undefined;
        const wrong = elf && check(elf);
        return wrong === undefined ? [] : [{ path, what: wrong, hint }];
      }),
  };
}
