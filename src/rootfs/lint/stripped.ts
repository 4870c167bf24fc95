import { elfLinter } from "./elf-rule.ts";

export const stripped = elfLinter({
  name: "stripped",
  what: "Nothing carries symbols that only a debugger reads",
  hint: "src/rootfs/build-root.sh strips what it knows as a program: see why it does not know this one",
  check: ({ strippable }) => (strippable.length === 0 ? undefined : `Has ${strippable.join(", ")}`),
});
