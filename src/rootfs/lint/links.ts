import { posix } from "node:path";
import type { Linter } from "./linter.ts";

/** What exists only once the OS runs, and systemd's way to switch a unit off. */
const later = /^\/(dev|proc|run|sys|var)(\/|$)/;

export const links: Linter = {
  name: "links",
  what: "Every symbolic link leads somewhere",
  check: (tree) =>
    tree.entries
      .filter(({ kind, path, target }) => {
        if (kind !== "link" || later.test(posix.resolve(`/${posix.dirname(path)}`, target))) return false;
        return tree.resolve(path) === undefined;
      })
      .map(({ path, target }) => ({
        path,
        what: `Leads to "${target}", which is not there`,
        hint: "Drop the link as well, or add the component that has its target",
      })),
};
