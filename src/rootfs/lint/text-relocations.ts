import { elfLinter } from "./elf-rule.ts";

export const textRelocations = elfLinter({
  name: "text-relocations",
  what: "Code is never written to while it is loaded",
  hint: "Compile all of it as position-independent code",
  check: ({ hasTextRelocations }) => (hasTextRelocations ? "Has relocations in its code" : undefined),
});
