import type { Finding, Linter } from "./linter.ts";

export const interpreters: Linter = {
  name: "interpreters",
  what: "Every script's interpreter is there",
  check: (tree) =>
    tree.entries.flatMap(({ path, kind, mode }): Finding[] => {
      if (kind !== "file" || (mode & 0o111) === 0) return [];
      const line = /^#![ \t]*([^\n]*)/.exec(tree.read(path).toString("latin1", 0, 256))?.[1];
      if (line === undefined) return [];
      const words = line.trim().split(/[ \t]+/);
      const name = words[0]?.endsWith("/env")
        ? `/usr/bin/${words.find((word, index) => index > 0 && !word.startsWith("-"))}`
        : (words[0] ?? "");
      if (tree.resolve(name)?.kind === "file") return [];
      return [{ path, what: `Needs "${name}", which is not there`, hint: "Drop the script, or add the interpreter" }];
    }),
};
