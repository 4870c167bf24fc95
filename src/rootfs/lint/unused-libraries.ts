import { posix } from "node:path";
import { parseElf } from "./elf.ts";
import type { Linter } from "./linter.ts";

const folders = ["usr/lib", "usr/lib/systemd"];

/** Shared objects by their file names; plugins lie in folders of their own and are looked for by those who have them. */
const libraryName = /\.so(\.\d+)*$/;

export const unusedLibraries: Linter = {
  name: "unused-libraries",
  what: "Every library is needed by a program, or opened by one that says so in a note",
  check: (tree, { loader }) => {
    const elves = tree.entries.flatMap(({ path, kind }) => {
      const elf = kind === "file" ? parseElf(tree.read(path)) : undefined;
      return elf ? [{ path, elf }] : [];
    });
    const wanted = new Set([loader, ...elves.flatMap(({ elf }) => [...elf.needed, ...elf.dlopened.flat()])]);
    const used = new Set(
      [...wanted].flatMap((name) => folders.map((folder) => tree.resolve(`${folder}/${name}`)?.path)),
    );
    return elves
      .filter(({ path }) => folders.includes(posix.dirname(path)) && libraryName.test(path) && !used.has(path))
      .map(({ path }) => ({
        path,
        what: "Is needed by nothing",
        hint: "Leave it out: in its recipe's build, or in src/rootfs/root-contents.ts",
      }));
  },
};
