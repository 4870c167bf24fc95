import { elfLinter } from "./elf-rule.ts";

export const positionIndependent = elfLinter({
  name: "position-independent",
  what: "Every program can be loaded anywhere (PIE)",
  hint: "Drop -no-pie and -static from its build",
  check: ({ isPositionIndependent }) => (isPositionIndependent ? undefined : "Has a fixed address"),
});
