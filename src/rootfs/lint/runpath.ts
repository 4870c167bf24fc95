import { elfLinter } from "./elf-rule.ts";

/** Where systemd's programs find libraries that are theirs alone. */
const allowed = ["/usr/lib/systemd"];

export const runpath = elfLinter({
  name: "runpath",
  what: "No program looks for libraries in folders of its own, but for systemd's",
  hint: "Turn rpath off in its build system",
  check: ({ runpaths }) => {
    const others = runpaths.filter((path) => !allowed.includes(path));
    return others.length === 0 ? undefined : `Looks for libraries in ${others.map((path) => `"${path}"`).join(", ")}`;
  },
});
