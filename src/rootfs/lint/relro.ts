import { elfLinter } from "./elf-rule.ts";

export const relro = elfLinter({
  name: "relro",
  what: "Tables of addresses are filled at the start and read-only after it (full RELRO)",
  hint: "Drop -z lazy and -z norelro from its build; link it with $CC",
  check: ({ hasFullRelro }) => (hasFullRelro ? undefined : "Is linked without -z now or without -z relro"),
});
