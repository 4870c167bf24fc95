import type { Linter } from "./linter.ts";

export const permissions: Linter = {
  name: "permissions",
  what: "Nothing is setuid or setgid, and only /tmp can be written by everybody",
  check: (tree) =>
    tree.entries
      .filter(
        ({ kind, path, mode }) =>
          kind !== "link" && ((mode & 0o6000) !== 0 || ((mode & 0o002) !== 0 && path !== "tmp")),
      )
      .map(({ path, mode }) => ({
        path,
        what: `Has the mode ${mode.toString(8).padStart(4, "0")}`,
        hint: "Install it with mode 755 or 644; what needs privileges is a service",
      })),
};
